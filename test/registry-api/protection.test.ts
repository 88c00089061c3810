import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import express from 'express';
import { pino } from 'pino';
import { parseSettings } from '../../contracts/settings.ts';
import { createLogger } from '../../monolith/server/platform/logger.ts';
import type { Credentials } from '../../monolith/server/session/credentials.ts';
import { createHolds } from '../../monolith/server/gateway/holds.ts';
import { createPlatformApp } from '../../monolith/server/platform/platform-app.ts';
import { issueToken } from '../../registry-api/auth/token.ts';
import { REDACTED, requestLog } from '../../registry-api/http/request-log.ts';
import { Contract, type Document } from './support/contract.ts';
import { eventually } from './support/eventually.ts';
import { aManifest, call, startTestRegistry, type Answer, type TestRegistry } from './support/registry.ts';

const elsewhere = (address: string, token?: string): Record<string, string> => ({
  'X-Forwarded-For': address,
  'X-Real-IP': address,
  ...(token !== undefined && { Authorization: `Bearer ${token}` }),
});

async function listening<T>(app: express.Express, work: (url: string) => Promise<T>): Promise<T> {
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const credentials: Credentials = {
  accept: (_request, _response, next) => next(),
  exchange: () => Promise.resolve({ authorization: null, token: null }),
};

describe('rate limits', function () {
  let registry: TestRegistry;
  let contract: Contract;
  before(async () => {
    registry = await startTestRegistry({ limits: { reads: 3, writes: 2, tools: 2, plans: 1, refusals: 2 } });
    contract = new Contract((await registry.call('GET', '/openapi.json')).body as Document);
  });
  after(() => registry.close());

  function expectRefusal(answer: Answer, method: string): void {
    expect([answer.status, answer.body.code]).to.deep.equal([429, 'rate-limited']);
    expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60);
    expect(answer.headers.get('ratelimit')).to.include('r=0');
    expect(contract.problems(method, '/api/tools', answer)).to.deep.equal([]);
  }

  it('rate limits tell a caller when to retry, and do not affect others', async () => {
    const headers = elsewhere('203.0.113.1', await registry.token());
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1)
      statuses.push((await registry.call('GET', '/api/tools', { headers })).status);
    expect(statuses).to.deep.equal([200, 200, 200]);
    expectRefusal(await registry.call('GET', '/api/tools', { headers }), 'GET');
    // limits count by person, not by address
    const moved = elsewhere('203.0.113.2', await registry.token());
    expectRefusal(await registry.call('GET', '/api/tools', { headers: moved }), 'GET');
    expect((await registry.call('GET', '/api/tools')).status, 'this machine').to.equal(200);
    expect((await registry.call('GET', '/livez', { headers })).status, 'probes').to.equal(200);
  });

  it('rate limits count writes separately', async () => {
    const headers = elsewhere('203.0.113.3', await registry.token('tools:write'));
    const write = () => registry.call('POST', '/api/tools', { body: aManifest(), headers });
    expect([(await write()).status, (await write()).status]).to.deep.equal([201, 201]);
    const manifest = aManifest();
    expectRefusal(await registry.call('POST', '/api/tools', { body: manifest, headers }), 'POST');
    expect((await registry.call('GET', `/api/tools/${manifest.id}`)).status, 'nothing written').to.equal(404);
  });

  it('rate limits stop attempts to guess tokens', async () => {
    const guess = (address: string) =>
      registry.call('GET', '/api/tools', { headers: elsewhere(address, 'guess') });
    expect([(await guess('203.0.113.4')).status, (await guess('203.0.113.4')).status]).to.deep.equal([
      401, 401,
    ]);
    expectRefusal(await guess('203.0.113.4'), 'GET');
    expect((await guess('203.0.113.5')).status, 'another caller').to.equal(401);
  });

  it('rate limits count a rejected token only, also while answers are in flight', async () => {
    const token = await issueToken(registry.keys, { subject: 'parallel', permissions: [], ttlSeconds: 60 });
    const read = () => registry.call('GET', '/api/tools', { headers: elsewhere('203.0.113.6', token) });
    const answers = await Promise.all([read(), read(), read()]);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
  });

  it('rate limits let the valid token of an address pass whose other tokens are rejected', async () => {
    const address = '203.0.113.7';
    for (let i = 0; i < 4; i += 1)
      await registry.call('GET', '/api/tools', { headers: elsewhere(address, `guess-${i}`) });
    const token = await issueToken(registry.keys, { subject: 'colleague', permissions: [], ttlSeconds: 60 });
    expect(
      (await registry.call('GET', '/api/tools', { headers: elsewhere(address, token) })).status,
    ).to.equal(200);
    expect(
      (await registry.call('GET', '/api/tools', { headers: elsewhere(address, 'guess') })).status,
    ).to.equal(429);
  });

  it('rate limits cover requests to tools, by caller', async () => {
    const answer: express.RequestHandler = (_request, response) => void response.json({});
    const none = express.Router();
    const app = createPlatformApp({
      holds: createHolds(() => Promise.resolve()),
      shadows: { handler: (_request, _response, next) => next() },
      sessions: { attach: (_request, _response, next) => next(), routes: none },
      registry: registry.app.router,
      tokenRoutes: none,
      credentials,
      routes: { get: () => undefined } as never,
      tools: answer,
      limiters: registry.app.limiters,
      trustedProxies: ['10.9.0.0/16'],
      web: none,
      logger: pino({ level: 'silent' }),
      showDetails: false,
    });
    const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
    expect(['127.0.0.1', '10.9.1.1', '10.8.1.1'].map((address) => trusts(address, 0))).to.deep.equal([
      true,
      true,
      false,
    ]);
    await listening(app, async (url) => {
      const as = async (subject: string) =>
        elsewhere(
          '203.0.113.8',
          await issueToken(registry.keys, { subject, permissions: [], ttlSeconds: 60 }),
        );
      const headers = await as('tool-user');
      const read = async () => (await call(url, 'GET', '/api/crm/items', { headers })).status;
      expect([await read(), await read(), await read()]).to.deep.equal([200, 200, 429]);
      expect(
        (await call(url, 'GET', '/api/crm/items', { headers: await as('colleague-2') })).status,
      ).to.equal(200);
      expect((await call(url, 'GET', '/api/crm/items')).status, 'this machine').to.equal(200);
    });
  });

  it('rate limits count one network of IPv6 addresses as one caller', async () => {
    const guess = (address: string) =>
      registry.call('GET', '/api/tools', { headers: elsewhere(address, 'guess') });
    const statuses: number[] = [];
    for (let i = 1; i <= 3; i += 1) statuses.push((await guess(`2001:db8:1:2::${i}`)).status);
    expect(statuses).to.deep.equal([401, 401, 429]);
  });
});

describe('logs', function () {
  let registry: TestRegistry;
  let folder: string;
  before(async () => {
    registry = await startTestRegistry();
    folder = await mkdtemp(path.join(tmpdir(), 'generator-platform-logs-'));
  });
  after(async () => {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  const SECRETS = [
    's3cret-cookie',
    's3cret-xsrf',
    's3cret-key',
    's3cret-query',
    's3cret-code',
    's3cret-set',
    's3cret-password',
    's3cret-guess',
  ];

  /** Sends every secret that a request can contain, in all places, and sets a cookie in the answer. */
  async function tellSecrets(url: string, token: string): Promise<void> {
    const headers = {
      Authorization: `Bearer ${token}`,
      Cookie: 'platform_session=s3cret-cookie',
      'X-XSRF-TOKEN': 's3cret-xsrf',
      'Idempotency-Key': 's3cret-key',
      Referer: 'http://localhost/x?access_token=s3cret-query',
    };
    await call(url, 'POST', '/api/tools', { body: { ...aManifest(), password: 's3cret-password' }, headers });
    await call(url, 'POST', '/api/tools', { body: aManifest(), headers });
    await call(url, 'GET', '/api/tools?limit=1&access_token=s3cret-query', { headers });
    await call(url, 'GET', '/auth/callback?code=s3cret-code&state=s3cret-code', { headers });
    await call(url, 'GET', '/api/tools', { headers: { Authorization: 'Bearer s3cret-guess' } });
    await call(url, 'GET', '/sets-a-cookie', { headers });
  }

  function expectNothingSecret(log: string, token: string, lines: number): void {
    expect(log.split('\n').length, 'something was logged').to.be.at.least(lines);
    for (const secret of [...SECRETS, token, token.split('.')[2] ?? '']) expect(log).not.to.include(secret);
  }

  it('logs contain no token, cookie, key or password of any request to the registry', async () => {
    let log = '';
    const logger = pino({ level: 'trace', redact: REDACTED }, { write: (line: string) => (log += line) });
    const token = await registry.token('tools:write');
    const app = express().use(requestLog(logger)).use(registry.app.router);
    app.get('/sets-a-cookie', (_request, response) => {
      response.cookie('platform_session', 's3cret-set').json({});
    });
    await listening(app, (url) => tellSecrets(url, token));
    expect(log).to.include('/api/tools?limit=1&access_token=[Redacted]');
    expectNothingSecret(log, token, 6);
  });

  it('logs contain no secret of a request, an error or a log line of the platform', async () => {
    const settings = parseSettings({ LOG_LEVEL: 'trace' });
    const printed: string[] = [];
    const logger = createLogger({ settings, logs: folder, print: (line) => void printed.push(line) });
    const token = await registry.token('tools:write');
    const none = express.Router();
    const app = createPlatformApp({
      holds: createHolds(() => Promise.resolve()),
      shadows: { handler: (_request, _response, next) => next() },
      sessions: { attach: (_request, _response, next) => next(), routes: none },
      registry: registry.app.router,
      tokenRoutes: none,
      credentials,
      routes: { get: () => undefined } as never,
      tools: none,
      limiters: registry.app.limiters,
      trustedProxies: [],
      web: none.get('/sets-a-cookie', (_request, response) => {
        response.cookie('platform_session', 's3cret-set');
        throw new Error('it broke');
      }),
      logger,
      showDetails: true,
    });
    await listening(app, (url) => tellSecrets(url, token));
    const err = Object.assign(new Error('no'), {
      token,
      password: 's3cret-password',
      config: { headers: token },
    });
    logger.error({ err, token, cookie: 's3cret-cookie', headers: { authorization: token } }, 'it failed');
    logger.warn({ answer: { secret: 's3cret-set', headers: { 'set-cookie': [token] } } }, 'odd');
    const readLog = () => readFile(path.join(folder, 'platform.log'), 'utf8');
    await eventually(async () => (await readLog()).includes('"msg":"odd"'), 10_000); // the last line
    const log = await readLog();
    expect(log).to.include('it broke').and.include('it failed');
    expectNothingSecret(`${log}${printed.join('\n')}`, token, 8);
  });
});
