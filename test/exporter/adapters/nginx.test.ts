import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { SERVICE_TOKEN_TYPE } from '../../../contracts/tokens.ts';
import { gatewayFilesOf } from '../../../exporter/generate/infrastructure/gateway-conf.ts';
import { createGatewayPort } from '../../../exporter/adapters/nginx/gateway.ts';
import {
  writeGatewayConf,
  type WriteGatewayConf,
} from '../../../exporter/steps/infrastructure/operations/write-gateway-conf.ts';
import { startNginxGateway, type NginxGateway } from '../../../monolith/server/gateway/nginx-gateway.ts';
import { openKeys } from '../../../registry-api/auth/keys.ts';
import { issueToken } from '../../../registry-api/auth/token.ts';
import { makeRepository, openPlatform } from '../../monolith/server/repository.ts';
import { freePort } from '../../support/lab.ts';
import { openGatewayLab, startEcho, type GatewayLab } from '../../support/nginx-gateway.ts';
import { infrastructureInput } from '../steps/infrastructure/facts.ts';

const NO_ROUTES = `import { Router } from 'express'; export default () => Router();`;

interface Echo {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Uses a new connection: nginx closes idle connections when it reloads. */
function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      })
      .once('error', reject);
  });
}

describe('gateway on a real nginx', () => {
  let lab: GatewayLab;
  let platform: Awaited<ReturnType<typeof startEcho>>;
  let service: Awaited<ReturnType<typeof startEcho>>;
  let gateway: NginxGateway;

  before(async () => {
    platform = await startEcho('platform');
    service = await startEcho('service');
    lab = await openGatewayLab(platform.port);
    gateway = await lab.start();
  });
  after(async () => {
    await lab.close();
    await service.close();
    await platform.close();
  });

  const routeOf = (id: string, port: number, replicaPorts: readonly number[] = []): WriteGatewayConf => {
    const files = gatewayFilesOf({ ...infrastructureInput({ id }, { replicaPorts }), servicePort: port });
    return {
      step: 'infrastructure',
      kind: 'write-gateway-conf',
      target: `gateway/conf.d/${id}.conf`,
      before: { files: Object.fromEntries(Object.keys(files).map((file) => [file, null])) },
      after: { files },
    };
  };
  const get = async (address: string, init: RequestInit = {}): Promise<{ status: number; body: Echo }> => {
    const response = await fetch(lab.url + address, init);
    return { status: response.status, body: (await response.json()) as Echo };
  };

  it('routes a tool after its operation runs, stops after its undo, and keeps other routes', async () => {
    const before = await lab.picture();
    await writeGatewayConf.run(routeOf('other', service.port), lab.ports);
    const withOther = await lab.picture();
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    expect((await get('/api/crm/items?x=1')).body).to.include({ name: 'service', url: '/api/crm/items?x=1' });
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
    expect(await lab.picture()).to.equal(withOther);
    expect((await get('/api/crm/items')).body.name, 'the platform has it again').to.equal('platform');
    expect((await get('/api/other/items')).body.name).to.equal('service');
    await writeGatewayConf.undo(routeOf('other', service.port), lab.ports);
    expect(await lab.picture()).to.equal(before);
  });

  it("routes the dashboard's pages about a tool to the platform, and all others to the web app", async () => {
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    for (const page of ['/tools/crm/about', '/tools/crm/export', '/tools/crm/about?from=mail'])
      expect((await get(page)).body, page).to.include({ name: 'platform', url: page });
    expect(await statusOf(`${lab.url}/tools/crm/about/us`), 'the app, which is not built here').to.equal(404);
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  it('passes the bare address of a tool and large bodies on, and refuses broken requests as problems', async () => {
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    expect((await get('/api/crm?q=1')).body).to.include({ url: '/api/crm/?q=1' });
    const problemOf = async (path: string, init: RequestInit): Promise<unknown> => {
      const answer = await fetch(`${lab.url}${path}`, init);
      const { code } = (await answer.json()) as { code: string };
      return [answer.status, answer.headers.get('content-type'), code];
    };
    const problem = 'application/problem+json';
    const large = { method: 'POST', body: 'x'.repeat(2_000_000) };
    for (const path of ['/api/crm/x', '/api/other/x'])
      expect((await get(path, large)).status, path).to.equal(200);
    expect(await problemOf('/api/crm/%zz', {})).to.deep.equal([400, problem, 'bad-request']);
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  it('keeps the cookies of the platform from services, also when they are repeated, and passes others on', async () => {
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    const passedOn = async (cookie: string): Promise<unknown> =>
      (await get('/api/crm/x', { headers: { Cookie: cookie } })).body.headers.cookie;
    expect(await passedOn('platform_session=secret')).to.equal(undefined);
    expect(await passedOn('theme=dark; platform_session=secret')).to.equal('theme=dark;');
    expect(await passedOn('platform_session=secret; theme=dark')).to.equal('theme=dark');
    expect(await passedOn('a=1; platform_session=secret; b=2')).to.equal('a=1; b=2');
    expect(await passedOn('my_platform_session=1; b=2')).to.equal('my_platform_session=1; b=2');
    const all = 'a=1; XSRF-TOKEN=proof; platform_session=secret; platform_sign_in=%7B%7D; b=2';
    expect(await passedOn(all)).to.equal('a=1; b=2');
    for (const repeated of [
      'platform_session=one; a=1; platform_session=two',
      'platform_session=one;platform_session=two; a=1',
      'a=1; XSRF-TOKEN=one; XSRF-TOKEN=two',
      'a=1; platform_session =secret',
    ])
      expect(await passedOn(repeated), repeated).to.equal(undefined);
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  it('keeps all cookies from services in an application, which gets them', async () => {
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    await gateway.stop();
    gateway = await lab.start({ hidesCookies: true });
    const passedOn = async (address: string): Promise<unknown> =>
      (await get(address, { headers: { Cookie: 'sid=secret; theme=dark', Connection: 'close' } })).body
        .headers.cookie;
    expect(await passedOn('/api/crm/x')).to.equal(undefined);
    expect(await passedOn('/login')).to.equal('sid=secret; theme=dark');
    await gateway.stop();
    gateway = await lab.start();
    expect(await passedOn('/api/crm/x')).to.equal('sid=secret; theme=dark');
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  it('forwards requests unchanged, except that it overwrites headers that a client could forge', async () => {
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    const { body } = await get('/api/crm/a%2Fb?q=%20', {
      headers: {
        Authorization: 'Bearer x',
        'X-Forwarded-For': '6.6.6.6',
        'X-User-Id': 'root',
        'X-Request-Id': 'from-client-1',
        Forwarded: 'for=6.6.6.6',
      },
    });
    expect(body.url).to.equal('/api/crm/a%2Fb?q=%20');
    expect(body.headers).to.include({
      authorization: 'Bearer x',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-request-id': 'from-client-1',
    });
    expect(body.headers).to.not.have.any.keys('x-user-id', 'forwarded');
    const hostile = await get('/api/crm/', { headers: { 'X-Request-Id': 'a b"' } });
    expect(hostile.body.headers['x-request-id']).to.match(/^[0-9a-f]{32}$/);
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  describe('with a credential of the caller', () => {
    let asked: string[];
    let exchange: http.Server;
    let own: GatewayLab;
    /** Looks like the token that the platform issues. */
    const serviceToken = `${Buffer.from(`{"typ":"${SERVICE_TOKEN_TYPE}","alg":"ES256"}`).toString('base64url')}.e30.c2ln`;
    const platformToken = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.c2ln`;
    const largeToken = `exchanged.${'x'.repeat(12_000)}`;
    let answer: string | null = null;

    before(async () => {
      exchange = http.createServer((request, response) => {
        const { authorization = '', cookie = '' } = request.headers;
        asked.push(`${request.url ?? ''} ${authorization} ${cookie}`.trim());
        if (answer !== null) response.setHeader('X-Service-Authorization', answer);
        response.end('{}');
      });
      exchange.listen(0, '127.0.0.1');
      await once(exchange, 'listening');
      own = await openGatewayLab((exchange.address() as AddressInfo).port);
      await own.start();
      await writeGatewayConf.run(routeOf('crm', service.port), own.ports);
    });
    after(async () => {
      await own.close();
      exchange.closeAllConnections();
      exchange.close();
    });
    beforeEach(() => {
      asked = [];
      answer = `Bearer ${largeToken}`;
    });
    const seenBy = async (authorization: string | null): Promise<string | undefined> => {
      const headers = {
        Cookie: 'platform_session=secret',
        ...(authorization && { Authorization: authorization }),
      };
      const response = await fetch(`${own.url}/api/crm/items`, { headers });
      expect(response.status).to.equal(200);
      const echo = (await response.json()) as Echo;
      expect(echo).to.include({ name: 'service', url: '/api/crm/items' });
      return echo.headers['authorization'];
    };

    it('hands a service the token that the platform gives in exchange', async () => {
      for (const scheme of ['Bearer', 'bearer', 'Token']) {
        expect(await seenBy(`${scheme} ${platformToken}`)).to.equal(`Bearer ${largeToken}`);
        expect(asked.splice(0)).to.deep.equal([`/api/session/token?tool=crm ${scheme} ${platformToken}`]);
      }
      await seenBy(`Bearer ${serviceToken}, ${platformToken}`);
      expect(asked, 'a token in other text').to.have.length(1);
    });

    it('never hands a service a request without a token in place of a token that was not exchanged', async () => {
      answer = null;
      expect(await seenBy(`Bearer ${platformToken}`)).to.match(/^Bearer rejected/);
    });

    it('asks the platform for no exchange of a token for a service, of other credentials, or of none', async () => {
      for (const authorization of [`Bearer ${serviceToken}`, 'Basic YTpi', 'Bearer sk_live_1', null])
        expect(await seenBy(authorization)).to.equal(authorization ?? undefined);
      expect(asked).to.deep.equal([]);
    });

    it('the platform exchanges a credential for a token of the service, which the registry refuses', async () => {
      const repository = await makeRepository();
      const permissions = ['crm:read', 'crm:write'];
      await repository.writeTool('crm', { permissions }, { 'backend/index.ts': NO_ROUTES });
      const real = await openPlatform(repository.root);
      const whole = await openGatewayLab(real.port);
      await whole.start();
      await writeGatewayConf.run(routeOf('crm', service.port), whole.ports);
      const keys = openKeys(path.join(repository.root, '.platform'));
      const scopes = ['crm:read', 'tools:write', 'exports:run'];
      const token = await issueToken(keys, { subject: 'robot', permissions: scopes, ttlSeconds: 28_800 });
      const response = await fetch(`${whole.url}/api/crm/items`, {
        method: 'POST',
        body: 'x'.repeat(10_000),
        headers: { Authorization: `Bearer ${token}`, Cookie: `platform_session=${token}` },
      });
      const { headers } = (await response.json()) as Echo;
      expect(headers['cookie']).to.equal(undefined);
      expect(headers['content-length']).to.equal('10000');
      const claims = decodeJwt(headers['authorization']?.slice('Bearer '.length) ?? '');
      expect(claims).to.include({ sub: 'robot', aud: 'tool:crm', scope: 'crm:read' });
      const replayed = await fetch(`${whole.url}/api/tools`, {
        headers: { Authorization: headers['authorization'] ?? '' },
      });
      expect(replayed.status).to.equal(401);
      await whole.close();
      await real.close();
      await repository.remove();
    });

    it('answers 503 with Retry-After while the platform is down, and forwards tokens for the service still', async () => {
      const lone = await openGatewayLab(await freePort());
      await lone.start();
      await writeGatewayConf.run(routeOf('crm', service.port), lone.ports);
      const ask = (token: string): Promise<Response> =>
        fetch(`${lone.url}/api/crm/items`, { headers: { Authorization: `Bearer ${token}` } });
      const refused = await ask(platformToken);
      expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '2']);
      expect(((await refused.json()) as { code: string }).code).to.equal('keys-unavailable');
      expect((await ask(serviceToken)).status).to.equal(200);
      await lone.close();
    });
  });

  it('passes the list of jobs on to the platform, as it was requested', async () => {
    for (const address of [
      '/api/tools/export/jobs',
      '/api/tools/export/jobs?limit=1',
      '/api/tools/export/jobs/7/events',
    ]) {
      const response = await fetch(lab.url + address, { redirect: 'manual' });
      expect(response.status, address).to.equal(200);
      expect(await response.json(), address).to.include({ name: 'platform', url: address });
    }
  });

  it('passes the Host with its port on, by which the platform and the services know their own pages', async () => {
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    for (const address of ['/api/crm/items', '/api/tools'])
      expect((await get(address)).body.headers['host'], address).to.equal(new URL(lab.url).host);
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  it('serves deep links of the web app, and answers 404 for a missing script', async () => {
    const dist = path.join(lab.root, 'apps/crm-web/dist/browser');
    await mkdir(dist, { recursive: true });
    await writeFile(path.join(dist, 'index.html'), '<base href="/tools/crm/">');
    await writeFile(path.join(dist, 'main-ABCDEF12.js'), '1');
    await writeGatewayConf.run(routeOf('crm', service.port), lab.ports);
    const page = await fetch(`${lab.url}/tools/crm/items/7/edit`);
    expect(await page.text()).to.contain('<base href');
    expect(page.headers.get('cache-control')).to.equal('no-cache');
    expect(page.headers.get('content-security-policy')).to.contain("script-src 'self'");
    const script = await fetch(`${lab.url}/tools/crm/main-ABCDEF12.js`);
    expect(script.headers.get('cache-control')).to.contain('immutable');
    expect((await fetch(`${lab.url}/tools/crm/main-GONE0000.js`)).status).to.equal(404);
    expect((await get('/tools/crm/..%2f..%2fnginx.conf')).body.name, 'out of the tool').to.equal('platform');
    expect((await fetch(`${lab.url}/__web/tools/crm/index.html`)).status, 'internal').to.equal(404);
    expect((await fetch(`${lab.url}/tools/crm`, { redirect: 'manual' })).headers.get('location')).to.equal(
      '/tools/crm/',
    );
    await writeGatewayConf.undo(routeOf('crm', service.port), lab.ports);
  });

  it('never reloads the gateway with a broken candidate, and reports the message of nginx', async () => {
    const before = await lab.picture();
    const change = routeOf('crm', service.port);
    const files = {
      ...change.after.files,
      'gateway/conf.d/crm.conf': 'location /api/crm/ { proxy_passs x; }\n',
    };
    const error = await writeGatewayConf
      .run({ ...change, after: { files } }, lab.ports)
      .catch((e: unknown) => e as Error);
    expect(error)
      .to.be.instanceOf(Error)
      .with.property('message')
      .that.matches(/unknown directive "proxy_passs" in gateway\/conf\.d\/crm\.conf:1/);
    expect(await lab.picture()).to.equal(before);
    expect(await readdir(path.join(lab.root, '.platform/gateway-candidates'))).to.deep.equal([]);
  });

  it('answers every request while routes are added and removed, and while an instance dies', async () => {
    const second = await startEcho('second');
    const change = routeOf('crm', service.port, [second.port]);
    await writeGatewayConf.run(change, lab.ports);
    const statuses = new Map<number, number>();
    let going = true;
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (going) {
          const status = await statusOf(`${lab.url}/api/crm/items`);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 20)); // keeps 8 clients below the gateway's rate limit
        }
      }),
    );
    for (const id of ['one', 'two', 'three'])
      await writeGatewayConf.run(routeOf(id, service.port), lab.ports);
    await second.close();
    for (const id of ['three', 'two', 'one'])
      await writeGatewayConf.undo(routeOf(id, service.port), lab.ports);
    await new Promise((resolve) => setTimeout(resolve, 300));
    going = false;
    await load;
    expect([...statuses.keys()]).to.deep.equal([200]);
    await writeGatewayConf.undo(change, lab.ports);
  });

  it('passes nginx -t for any name of a tool', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }).filter(
          // eslint-disable-next-line no-control-regex -- what the manifest's schema refuses
          (name) => !/[\u0000-\u001f\u007f]/.test(name) && /\S/.test(name),
        ),
        fc.stringMatching(/^[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,12}){0,2}$/),
        async (name, suffix) => {
          const files = gatewayFilesOf(infrastructureInput({ id: `x-${suffix}`, name }));
          expect(await lab.gateway.validate(files)).to.have.property('problem', null);
        },
      ),
      {
        numRuns: 25,
        examples: [
          ['"; } server { #', 'a'],
          ['${x}\\', 'b'],
        ],
      },
    );
  });

  it('refuses no export when it is not the gateway, and says why it tested nothing', async () => {
    const files = gatewayFilesOf(infrastructureInput({ id: 'crm' }));
    const broken = { ...files, 'gateway/conf.d/broken.conf': 'server { listen ;\n' };
    const other = await openGatewayLab(platform.port, { PLATFORM_GATEWAY: 'auto' });
    try {
      expect((await other.gateway.validate(files)).testedBy).to.match(/^nginx/);
      const verdict = await other.gateway.validate(broken);
      expect(verdict).to.include({ testedBy: null, problem: null });
      expect(verdict.untested).to.match(/which is not the gateway, rejects the route: .*broken\.conf/);
      expect((await lab.gateway.validate(broken)).problem).to.include('broken.conf');
      const settings = parseSettings({ PLATFORM_STATE_DIR: path.join(other.root, 'state [1]') });
      const odd = await createGatewayPort({ root: other.root, settings }).validate(files);
      expect(odd).to.include({ testedBy: null, problem: null });
      expect(odd.untested).to.match(/nginx cannot work below .*state \[1\]/);
    } finally {
      await other.close();
    }
  });

  it('answers 502 with a problem document when the service is down', async () => {
    const gone = await startEcho('gone');
    await gone.close();
    await writeGatewayConf.run(routeOf('crm', gone.port), lab.ports);
    const response = await fetch(`${lab.url}/api/crm/items`);
    expect(response.status).to.equal(502);
    expect(response.headers.get('content-type')).to.equal('application/problem+json');
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff');
    await writeGatewayConf.undo(routeOf('crm', gone.port), lab.ports);
  });
});

describe('gateway behind a proxy, or with TLS of its own', () => {
  let folder: string;
  let lab: GatewayLab;
  let platform: Awaited<ReturnType<typeof startEcho>>;
  let service: Awaited<ReturnType<typeof startEcho>>;
  let tlsPort: number;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gateway-tls-'));
    const [certificate, key] = [path.join(folder, 'tls.pem'), path.join(folder, 'tls.key')];
    await promisify(execFile)('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
      ],
      ...['-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
    ]);
    platform = await startEcho('platform');
    service = await startEcho('service');
    tlsPort = await freePort();
    lab = await openGatewayLab(platform.port, {
      PLATFORM_TRUSTED_PROXIES: '127.0.0.0/8, 10.9.0.0/16',
      GATEWAY_TLS_CERTIFICATE: certificate,
      GATEWAY_TLS_KEY: key,
      GATEWAY_TLS_PORT: String(tlsPort),
    });
    const files = gatewayFilesOf({ ...infrastructureInput({ id: 'crm' }), servicePort: service.port });
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(lab.root, file), text);
    await lab.start();
  });
  after(async () => {
    await lab.close();
    await service.close();
    await platform.close();
    await rm(folder, { recursive: true });
  });

  const ADDRESSES = ['/api/tools', '/api/crm/items', '/api/tools/export/jobs'];

  it('reports the client and the scheme that a trusted proxy reports', async () => {
    for (const address of ADDRESSES) {
      const response = await fetch(lab.url + address, {
        headers: { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7, 10.9.0.1', 'X-Forwarded-Proto': 'https' },
      });
      expect(((await response.json()) as Echo).headers, address).to.include({
        'x-forwarded-for': '203.0.113.7',
        'x-real-ip': '203.0.113.7',
        'x-forwarded-proto': 'https',
      });
    }
  });

  it('reports no scheme but its own for a proxy that names no client, or an unknown scheme', async () => {
    for (const headers of [
      { 'X-Forwarded-Proto': 'https' },
      { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https; evil' },
    ]) {
      const response = await fetch(`${lab.url}/api/crm/items`, { headers });
      expect(((await response.json()) as Echo).headers['x-forwarded-proto']).to.equal('http');
    }
  });

  it('ends TLS itself, and keeps the plain port on loopback', async () => {
    for (const address of ADDRESSES) {
      const { headers } = JSON.parse(await getOverTls(tlsPort, address)) as Echo;
      expect(headers, address).to.include({ host: `localhost:${tlsPort}`, 'x-forwarded-proto': 'https' });
    }
    expect((await fetch(`${lab.url}/__gateway/health`)).status).to.equal(200);
  });

  it('does not replace a gateway that is to end TLS by the platform’s own', async () => {
    const settings = parseSettings({
      PLATFORM_GATEWAY: 'facade',
      GATEWAY_TLS_CERTIFICATE: 'tls.pem',
      GATEWAY_TLS_KEY: 'tls.key',
    });
    const options = {
      root: lab.root,
      settings,
      platformPort: platform.port,
      gatewayPort: 1,
      log: () => undefined,
    };
    const error = await startNginxGateway(options).catch((e: unknown) => e as Error);
    expect(error)
      .to.be.instanceOf(PlatformError)
      .with.property('message')
      .that.includes('PLATFORM_GATEWAY=nginx');
  });
});

/** The body of an answer over TLS. The certificate is signed by itself. */
async function getOverTls(port: number, address: string): Promise<string> {
  const request = https.get({
    host: 'localhost',
    port,
    path: address,
    rejectUnauthorized: false,
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}
