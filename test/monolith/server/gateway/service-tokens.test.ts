import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import pg from 'pg';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../../../contracts/tokens.ts';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { openKeys, type KeyStore } from '../../../../registry-api/auth/keys.ts';
import { issueToken } from '../../../../registry-api/auth/token.ts';
import {
  call,
  makeRepository,
  openPlatform,
  signIn,
  type Answer,
  type TestRepository,
} from '../repository.ts';
import { openOidcProvider, type OidcProvider } from '../session/oidc-provider.ts';

/** Shows the headers that the code of the tool sees, and its caller. */
const MIRROR = (permission: string): string => `
import { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';
export default function createRouter({ requirePermission, principalOf }: ToolContext): Router {
  const router = Router();
  router.get('/seen', (req, res) => void res.json({ headers: req.headers }));
  router.post('/seen', (req, res) => void res.json({ headers: req.headers }));
  router.get('/caller', requirePermission('${permission}'), (req, res) => void res.json(principalOf(req)));
  return router;
}
`;

const bearerOf = (headers: IncomingHttpHeaders): string =>
  /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';

describe('the credential of a caller', () => {
  let repository: TestRepository;
  let provider: OidcProvider;
  let platform: Platform & { readonly databaseUrl: string };
  let db: pg.Client;
  let keys: KeyStore;
  let service: Server;
  let serviceUrl: string;
  const at = (address: string): string => `http://127.0.0.1:${platform.port}${address}`;
  const gateway = (address: string): string => `http://127.0.0.1:${platform.gatewayPort}${address}`;
  const ask = (address: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> =>
    call(address.startsWith('http') ? address : at(address), { method, headers });

  /** The same addresses, answered by the tool in the monolith or by its service. */
  const hosts = {
    'a tool in the monolith': { id: 'notes', permissions: 'rows:read rows:write' },
    'an exported service': { id: 'crm', permissions: 'crm:read crm:write' },
  };

  before(async () => {
    repository = await makeRepository();
    provider = await openOidcProvider();
    await repository.writeTool(
      'notes',
      { permissions: ['rows:read', 'rows:write'] },
      { 'backend/index.ts': MIRROR('rows:read') },
    );
    await repository.writeTool(
      'hub',
      { permissions: ['hub:read', 'rows:read', 'stock:read'], dependencies: ['notes'] },
      { 'backend/index.ts': MIRROR('hub:read') },
    );
    await repository.writeTool(
      'stock',
      { permissions: ['stock:read'] },
      { 'backend/index.ts': MIRROR('stock:read') },
    );
    await repository.writeTool(
      'crm',
      { permissions: ['crm:read', 'crm:write'] },
      { 'backend/index.ts': MIRROR('crm:read') },
    );
    platform = await openPlatform(repository.root, { OIDC_ISSUER: provider.issuer });
    keys = openKeys(path.join(repository.root, '.platform'));
    db = new pg.Client({ connectionString: platform.databaseUrl });
    await db.connect();
    service = createServer((req, res) => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ headers: req.headers }));
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    await switchTo({});
  });
  after(async () => {
    service.closeAllConnections();
    service.close();
    await db.end();
    await platform.close();
    await provider.close();
    await repository.remove();
  });

  /** Routes crm to the service, and waits until the platform has noticed. */
  const switchTo = async (deployment: { readonly audience?: string }): Promise<void> => {
    await db.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment) VALUES ('crm', $1, 'apps/crm-web', $2)
       ON CONFLICT (tool_id) DO UPDATE SET deployment = $2`,
      [serviceUrl, JSON.stringify(deployment)],
    );
    const audience = deployment.audience ?? null;
    while (platform.routes.get('crm')?.audience !== audience)
      await new Promise((resolve) => setTimeout(resolve, 5));
  };

  /** Headers of a session among cookies that are not the platform's, or belong to no service. */
  const signedIn = async (permissions: readonly string[]): Promise<Record<string, string>> => {
    const session = await signIn(at(''), permissions);
    return { ...session, Cookie: `theme=dark; ${session.Cookie}; platform_sign_in=x` };
  };
  const platformToken = (permissions: readonly string[], ttlSeconds = 8 * 3_600): Promise<string> =>
    issueToken(keys, { subject: 'robot', permissions, ttlSeconds });
  const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });
  const EVERYTHING = ['rows:read', 'crm:read', 'hub:read', 'stock:read', 'tools:write', 'exports:run'];

  for (const [host, { id, permissions }] of Object.entries(hosts))
    describe(`at ${host}`, () => {
      const [read = ''] = permissions.split(' ');
      const seenWith = async (
        headers: Record<string, string>,
        method = 'GET',
      ): Promise<IncomingHttpHeaders> => {
        const { status, body } = await ask(`/api/tools/${id}/seen`, headers, method);
        expect(status).to.equal(200);
        return (body as { headers: IncomingHttpHeaders }).headers;
      };

      it(`replaces a credential by a token for five minutes, the tool and its permissions (${host})`, async () => {
        for (const headers of [await signedIn(EVERYTHING), bearer(await platformToken(EVERYTHING))]) {
          const claims = decodeJwt(bearerOf(await seenWith(headers)));
          expect(claims).to.include({ iss: TOKEN_ISSUER, aud: `tool:${id}`, scope: read });
          expect(Number(claims.exp) - Number(claims.iat)).to.equal(300);
        }
      });

      it(`replaces a credential with the wildcard permission by a token that names the tool's own (${host})`, async () => {
        const seen = await seenWith(await signedIn(['*']), 'POST');
        expect(decodeJwt(bearerOf(seen))).to.include({ sub: 'ada', aud: `tool:${id}`, scope: permissions });
      });

      it(`leaves no cookie of the platform, and others as they are (${host})`, async () => {
        const seen = await seenWith(await signedIn(['*']));
        expect(seen.cookie).to.equal('theme=dark');
        const repeated = await seenWith({
          Cookie: 'platform_session=a; b=1;platform_session =b; XSRF-TOKEN=c',
        });
        expect(repeated.cookie).to.equal('b=1');
      });

      it(`refuses a replayed token at the registry and at another tool (${host})`, async () => {
        const replayed = bearer(bearerOf(await seenWith(await signedIn(['*']))));
        for (const address of [
          '/api/tools',
          `/api/tools/${id}`,
          '/api/registry/tool-states',
          '/api/session/tools',
        ])
          expect((await ask(address, replayed)).status, address).to.equal(401);
        expect((await ask(`/api/tools/${id}`, replayed, 'DELETE')).status).to.equal(401);
        expect((await ask('/api/webhooks', replayed)).status).to.equal(401);
        const session = (await ask('/api/session', replayed)).body as { signedIn: boolean };
        expect(session.signedIn).to.equal(false);
        for (const other of ['stock', 'hub']) {
          expect((await ask(`/api/tools/${other}/caller`, replayed)).status, other).to.equal(401);
          const exchanged = await ask(`/api/session/token?tool=${other}`, replayed);
          expect(exchanged.body, other).to.include({ accessToken: null });
        }
      });

      it(`replaces a credential that expires earlier by a token that expires with it (${host})`, async () => {
        const seen = await seenWith(bearer(await platformToken([read], 45)));
        const { exp, iat } = decodeJwt(bearerOf(seen));
        expect(Number(exp) - Number(iat)).to.be.within(40, 45);
        const again = await ask(`/api/session/token?tool=${id}`, bearer(bearerOf(seen)));
        const renewed = decodeJwt((again.body as { accessToken: string }).accessToken);
        expect(renewed.exp, 'a token does not renew itself').to.equal(exp);
      });

      it(`does not hand on a rejected credential (${host})`, async () => {
        const { privateKey } = await generateKeyPair('ES256');
        const forged = await new SignJWT({ scope: read })
          .setProtectedHeader({ alg: 'ES256' })
          .setIssuer(TOKEN_ISSUER)
          .setAudience(TOKEN_AUDIENCE)
          .setSubject('eve')
          .setExpirationTime('1h')
          .sign(privateKey);
        const unverifiable = await provider.accessToken('another audience', { permissions: [read] });
        for (const token of [forged, unverifiable])
          for (const authorization of [`Bearer ${token}`, `Bearer ${token}, x`, `Token ${token}`])
            expect((await seenWith({ Authorization: authorization })).authorization).to.equal(
              'Bearer rejected-by-the-platform',
            );
      });

      it(`hands on a credential that only the tool can verify (${host})`, async () => {
        const { privateKey } = await generateKeyPair('ES256');
        const foreign = await new SignJWT({ iss: 'https://else.example' })
          .setProtectedHeader({ alg: 'ES256' })
          .sign(privateKey);
        for (const authorization of ['Basic YTpi', 'Bearer sk_live_1', `Bearer ${foreign}`])
          expect((await seenWith({ Authorization: authorization })).authorization).to.equal(authorization);
        expect((await seenWith({})).authorization).to.equal(undefined);
      });

      it(`exchanges a token of an OpenID Connect issuer when it names the platform (${host})`, async () => {
        const token = await provider.accessToken(TOKEN_AUDIENCE, { permissions: EVERYTHING });
        const claims = decodeJwt(bearerOf(await seenWith(bearer(token))));
        expect(claims).to.include({ iss: TOKEN_ISSUER, aud: `tool:${id}`, sub: 'robot', scope: read });
      });
    });

  it('exchanges credentials for pages and programs, which reach the tool with the result', async () => {
    for (const headers of [await signedIn(['rows:read']), bearer(await platformToken(['rows:read']))]) {
      const answer = await ask('/api/session/token?tool=notes', headers);
      expect(answer.headers.get('cache-control')).to.equal('no-store');
      const { accessToken, expiresIn } = answer.body as { accessToken: string; expiresIn: number };
      expect(expiresIn).to.be.within(1, 300);
      expect(answer.headers.get('x-service-authorization')).to.equal(`Bearer ${accessToken}`);
      for (const address of [at('/api/tools/notes/caller'), gateway('/api/notes/caller')])
        expect((await ask(address, bearer(accessToken))).body).to.include({
          subject: decodeJwt(accessToken).sub,
        });
    }
  });

  it('exchanges no credential for pages of other sites or for tools that do not exist', async () => {
    const session = await signedIn(['rows:read']);
    const sites: readonly Record<string, string>[] = [
      { Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ];
    for (const query of ['?tool=notes', ''])
      for (const site of sites) {
        const answer = await ask(`/api/session/token${query}`, { ...session, ...site });
        expect(answer.body).to.include({ accessToken: null });
        expect(answer.headers.get('x-service-authorization')).to.equal(null);
      }
    const missing = await ask('/api/session/token?tool=nothing', session);
    expect([missing.status, missing.body.code]).to.deep.equal([404, 'tool-not-found']);
    for (const [query, headers] of [
      ['?tool=notes', {}],
      ['', {}],
      ['', bearer(await platformToken(['rows:read']))],
      ['', { Cookie: 'platform_session=stale' }],
    ] as const)
      expect((await ask(`/api/session/token${query}`, headers)).body).to.include({ accessToken: null });
  });

  it('reaches the tools that the manifest of a tool depends on, with the permissions that it names', async () => {
    const seen = await ask('/api/tools/hub/seen', bearer(await platformToken([...EVERYTHING, 'rows:write'])));
    const token = bearer(bearerOf((seen.body as { headers: IncomingHttpHeaders }).headers));
    expect((await ask('/api/tools/notes/caller', token)).body).to.deep.equal({
      subject: 'robot',
      permissions: ['rows:read'],
    });
    expect((await ask('/api/tools/stock/caller', token)).status, 'not a dependency').to.equal(401);
    expect((await ask('/api/tools/notes', token)).status, 'an address of the registry').to.equal(401);
  });

  it('follows a change of the manifest', async () => {
    const scopeOf = async (): Promise<unknown> =>
      decodeJwt(
        (
          (await ask('/api/session/token?tool=stock', await signedIn(['*']))).body as {
            accessToken: string;
          }
        ).accessToken,
      )['scope'];
    expect(await scopeOf()).to.equal('stock:read');
    await db.query(
      `UPDATE tool_registry SET permissions = '{stock:read,stock:count}' WHERE tool_id = 'stock'`,
    );
    while ((await scopeOf()) !== 'stock:count stock:read') await new Promise((r) => setTimeout(r, 10));
  });

  it('exchanges a credential for a token that older services accept and the platform does not', async () => {
    await switchTo({ audience: TOKEN_AUDIENCE });
    try {
      const session = await signedIn(EVERYTHING);
      const seen = (await ask('/api/tools/crm/seen', session)).body as { headers: IncomingHttpHeaders };
      const token = bearerOf(seen.headers);
      expect(decodeJwt(token)).to.include({ aud: TOKEN_AUDIENCE, scope: 'crm:read' });
      expect((await ask('/api/tools', bearer(token))).status).to.equal(401);
      await db.query(
        `UPDATE tool_registry SET is_exported = true, exported_at = now(), service_url = $1,
        gateway_url = $1, web_url = $1, database_name = 'crm_db' WHERE tool_id = 'crm'`,
        [serviceUrl],
      );
      const page = (await ask('/api/session/token', session)).body as { accessToken: string };
      expect(decodeJwt(page.accessToken)).to.include({ aud: TOKEN_AUDIENCE, scope: 'crm:read' });
      expect((await ask('/api/tools', bearer(page.accessToken))).status).to.equal(401);
      const byPage = await ask(gateway('/api/crm/seen'), bearer(page.accessToken));
      expect(decodeJwt(bearerOf((byPage.body as { headers: IncomingHttpHeaders }).headers)).sub).to.equal(
        'ada',
      );
    } finally {
      await switchTo({});
    }
  });
});
