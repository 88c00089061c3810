import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  type CryptoKey,
  type JWTHeaderParameters,
} from 'jose';
import { createHmac } from 'node:crypto';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../contracts/tokens.ts';
import { openKeys } from '../../registry-api/auth/keys.ts';
import { issueToken } from '../../registry-api/auth/token.ts';
import { operationsOf } from '../../registry-api/app.ts';
import type { Operation } from '../../registry-api/http/operation.ts';
import { aManifest, startTestRegistry, type TestRegistry } from './support/registry.ts';

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('authorization', function () {
  let registry: TestRegistry; // production
  let developing: TestRegistry;
  before(async () => {
    registry = await startTestRegistry({ env: { PLATFORM_MODE: 'production' } });
    developing = await startTestRegistry({ databaseUrl: registry.databaseUrl });
  });
  after(async () => {
    await registry.close();
    await developing.close();
  });

  describe('role by route', () => {
    const GRANTS = {
      'anonymous caller on this machine': null,
      'anonymous caller from elsewhere': null,
      'a token without permissions': [],
      'tools:write': ['tools:write'],
      'exports:run': ['exports:run'],
      'webhooks:manage': ['webhooks:manage'],
      'a tool’s permission': ['inventory:write'],
      'a token that claims everything': ['*'],
    } as const;
    const operations = operationsOf({} as never, { version: '' } as never, null as never);

    it('lists every operation of the registry', () => {
      expect(operations.length).to.be.greaterThan(15);
      expect(new Set(operations.map((o) => o.access))).to.deep.equal(
        new Set(['open', 'read', 'tools:write', 'exports:run', 'webhooks:manage']),
      );
    });

    for (const operation of operations)
      for (const [role, grants] of Object.entries(GRANTS))
        it(`answers ${operation.id} for ${role} with ${expected(operation, role, grants)}`, async () => {
          const address = operation.path
            .replace('{toolId}', 'missing')
            .replace(/\{(jobId|webhookId)\}/, '00000000-0000-4000-8000-000000000000')
            .replace('{file}', 'nothing');
          const headers: Record<string, string> =
            grants === null ? {} : bearer(await registry.token(...grants));
          if (role !== 'anonymous caller on this machine')
            headers['X-Forwarded-For'] = `203.0.113.${Math.ceil(Math.random() * 250)}`;
          const { status } = await registry.call(operation.method.toUpperCase(), address, {
            headers,
            ...(operation.body && { body: { nonsense: true } }),
          });
          const outcome = status === 401 || status === 403 ? status : 'in';
          expect(outcome, `answered ${status}`).to.equal(expected(operation, role, grants));
        });

    function expected(
      operation: Operation,
      role: string,
      grants: readonly string[] | null,
    ): 401 | 403 | 'in' {
      if (operation.access === 'open') return 'in';
      if (operation.access === 'read') return role === 'anonymous caller from elsewhere' ? 401 : 'in';
      if (grants === null) return 401;
      return grants.includes(operation.access) ? 'in' : 403;
    }
  });

  describe('in development mode', () => {
    const write = (headers: Record<string, string>) =>
      developing.call('POST', '/api/tools', { body: aManifest(), headers });

    it('allows writes from this machine without a token', async () => {
      expect((await write({})).status).to.equal(201);
    });
    it('verifies a token even from this machine', async () => {
      expect((await write(bearer('nonsense'))).status).to.equal(401);
      expect((await write({ Authorization: 'Basic eDp5' })).status).to.equal(401);
      expect((await write(bearer(await developing.token('exports:run')))).status).to.equal(403);
      expect((await developing.call('GET', '/api/tools', { headers: bearer('nonsense') })).status).to.equal(
        401,
      );
    });
    it('treats a caller behind the gateway as remote', async () => {
      expect((await write({ 'X-Forwarded-For': '203.0.113.7' })).status).to.equal(401);
      expect((await write({ 'X-Real-IP': '203.0.113.7' })).status).to.equal(401);
      expect((await write({ 'X-Forwarded-For': '127.0.0.1' })).status).to.equal(201);
    });
    it('takes no page of another site for the developer', async () => {
      const manage = (headers: Record<string, string>) =>
        developing.call('GET', '/api/webhooks', { headers });
      expect((await manage({})).status).to.equal(200);
      expect((await manage({ Origin: developing.url })).status).to.equal(200);
      for (const headers of [{ Origin: 'http://localhost:1' }, { 'Sec-Fetch-Site': 'cross-site' }] as Record<
        string,
        string
      >[])
        expect((await manage(headers)).status, JSON.stringify(headers)).to.equal(401);
    });
    for (const origin of [
      'http://evil.test',
      'null',
      'http://localhost.evil.test',
      'http://localhost:1',
      'https://localhost@evil.test',
      'file://',
    ])
      it(`refuses writes from a page of ${origin}`, async () => {
        expect((await write({ Origin: origin })).status).to.equal(403);
      });
    it('allows writes from pages of the platform, the dashboard and the gateway', async () => {
      for (const origin of [developing.url, 'http://localhost:4200', 'http://127.0.0.1:8080'])
        expect((await write({ Origin: origin })).status, origin).to.equal(201);
    });
    it('refuses writes marked as "cross-site" by the browser', async () => {
      expect((await write({ 'Sec-Fetch-Site': 'cross-site' })).status).to.equal(403);
    });
    it('refuses reads and writes after DNS rebinding', async () => {
      const { port } = new URL(developing.url);
      const status = async (method: string): Promise<number> => {
        const { request } = await import('node:http');
        return new Promise((resolve, reject) => {
          const sent = request(
            { host: '127.0.0.1', port, method, path: '/api/tools', headers: { Host: `evil.test:${port}` } },
            (response) => {
              response.resume();
              resolve(response.statusCode ?? 0);
            },
          );
          sent.on('error', reject).end();
        });
      };
      expect(await status('POST')).to.equal(403);
      expect(await status('GET')).to.equal(401);
    });
  });

  describe('tokens', () => {
    const now = (): number => Math.floor(Date.now() / 1_000);
    const claims = (more: Record<string, unknown> = {}) => ({
      iss: TOKEN_ISSUER,
      aud: TOKEN_AUDIENCE,
      sub: 'x',
      scope: 'tools:write',
      exp: now() + 60,
      ...more,
    });
    const status = async (token: string): Promise<number> =>
      (await registry.call('POST', '/api/tools', { body: aManifest(), headers: bearer(token) })).status;

    async function signed(
      payload: Record<string, unknown>,
      header: Partial<JWTHeaderParameters> = {},
      key?: CryptoKey,
    ) {
      const own = await registry.keys.signingKey();
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'ES256', kid: own.kid, ...header })
        .sign(key ?? own.key);
    }
    const raw = (header: object, payload: object, signature = ''): string =>
      [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
      `.${signature}`;

    it('accepts platform tokens until they expire', async () => {
      expect(await status(await signed(claims()))).to.equal(201);
      expect(await status(await registry.token('tools:write'))).to.equal(201);
    });

    const bad: Record<string, () => Promise<string> | string> = {
      'without a signature (alg none)': () => raw({ alg: 'none' }, claims()),
      'signed by HS256 with the public key': async () => {
        const [jwk] = (await registry.keys.jwks()).keys;
        const pem = await exportSPKI((await importJWK(jwk!, 'ES256')) as CryptoKey);
        const head = raw({ alg: 'HS256', kid: jwk?.kid }, claims()).slice(0, -1);
        return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
      },
      'for another audience': () => signed(claims({ aud: 'someone-else' })),
      'of another issuer': () => signed(claims({ iss: 'someone-else' })),
      'with an unknown key id': () => signed(claims(), { kid: 'unknown' }),
      'signed by another key of the same id': async () =>
        signed(claims(), {}, (await generateKeyPair('ES256')).privateKey),
      'without an expiry': () => signed({ ...claims(), exp: undefined }),
      'without a subject': () => signed({ ...claims(), sub: undefined }),
      'that has expired': () => signed(claims({ exp: now() - 3_600 })),
      'that is not valid yet': () => signed(claims({ nbf: now() + 3_600 })),
      'that brings the address of its key': async () =>
        signed(
          claims(),
          { jku: 'http://127.0.0.1:1/keys', kid: 'mine' },
          (await generateKeyPair('ES256')).privateKey,
        ),
      'that brings its key': async () => {
        const pair = await generateKeyPair('ES256', { extractable: true });
        return signed(claims(), { jwk: await exportJWK(pair.publicKey) }, pair.privateKey);
      },
      'with an unknown critical extension': async () => {
        const [head = '', payload, signature] = (await signed(claims())).split('.');
        const header = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), crit: ['b65'], b65: true };
        return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`;
      },
      'with a changed payload': async () => {
        const [head, , signature] = (await signed(claims())).split('.');
        return `${head}.${Buffer.from(JSON.stringify(claims({ sub: 'root' }))).toString('base64url')}.${signature}`;
      },
    };
    for (const [what, make] of Object.entries(bad))
      it(`answers 401 to ${what}`, async () => {
        expect(await status(await make())).to.equal(401);
      });

    it('accepts issued tokens after a key rotation, also on running servers', async () => {
      const early = await registry.token('tools:write');
      const before = (await registry.keys.jwks()).keys.map((key) => key.kid);
      const { kid } = await openKeys(registry.stateDir).rotate(); // another process
      const late = await registry.token('tools:write');
      const published = (await registry.call('GET', '/.well-known/jwks.json')).body.keys as {
        kid: string;
        d?: string;
      }[];
      expect(before, 'the new key was published before it signed').to.include(kid);
      expect(published.map((key) => key.kid)).to.include.members(before as string[]);
      expect(
        published.some((key) => 'd' in key),
        'no private part',
      ).to.equal(false);
      expect(JSON.parse(Buffer.from(late.split('.')[0] ?? '', 'base64url').toString()).kid).to.equal(kid);
      expect(await status(early)).to.equal(201);
      expect(await status(late)).to.equal(201);
    });

    it('limits token lifetimes to 30 days', async () => {
      const error = await issueToken(registry.keys, {
        subject: 'x',
        permissions: [],
        ttlSeconds: 31 * 86_400,
      }).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(RangeError);
    });
  });

  describe('OpenID Connect issuer of the settings', () => {
    let provider: Server;
    let issuer: string;
    let registryWithOidc: TestRegistry;
    let key: CryptoKey;
    before(async () => {
      const pair = await generateKeyPair('RS256', { extractable: true });
      key = pair.privateKey;
      const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'idp', alg: 'RS256', use: 'sig' };
      provider = createServer((request, response) => {
        response.setHeader('Content-Type', 'application/json');
        const isKeys = request.url === '/keys';
        response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/keys` }));
      });
      await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
      issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
      registryWithOidc = await startTestRegistry({
        databaseUrl: registry.databaseUrl,
        env: { PLATFORM_MODE: 'production', OIDC_ISSUER: issuer },
      });
    });
    after(async () => {
      await registryWithOidc.close();
      provider.closeAllConnections();
      provider.close();
    });
    const foreign = (more: Record<string, unknown> = {}) =>
      new SignJWT({ permissions: ['tools:write'], ...more })
        .setProtectedHeader({ alg: 'RS256', kid: 'idp' })
        .setIssuer((more['iss'] as string | undefined) ?? issuer)
        .setAudience((more['aud'] as string | undefined) ?? TOKEN_AUDIENCE)
        .setSubject('jane')
        .setExpirationTime('1m')
        .sign(key);
    const write = async (server: TestRegistry, token: string) =>
      server.call('POST', '/api/tools', { body: aManifest(), headers: bearer(token) });

    it('accepts its tokens, and records their subject in the history', async () => {
      const made = await write(registryWithOidc, await foreign());
      expect(made.status).to.equal(201);
      const { data } = (await registryWithOidc.call('GET', `/api/tools/${made.body.toolId}/history`)).body;
      expect(data[0].actor).to.equal('jane');
    });
    it('lets it grant no permission that only the platform grants', async () => {
      for (const claims of [
        { permissions: ['platform:everything', 'inventory:read'] },
        { permissions: [], scope: '* platform:everything inventory:read' },
      ]) {
        const { permissions } = await registryWithOidc.app.verify(await foreign(claims));
        expect(permissions).to.deep.equal(['inventory:read']);
      }
    });
    it('rejects its tokens when they name the platform, another audience, or it is not configured', async () => {
      expect((await write(registryWithOidc, await foreign({ iss: TOKEN_ISSUER }))).status).to.equal(401);
      expect((await write(registryWithOidc, await foreign({ aud: 'x' }))).status).to.equal(401);
      expect((await write(registry, await foreign())).status).to.equal(401);
    });
  });
});
