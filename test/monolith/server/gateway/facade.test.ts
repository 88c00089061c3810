import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import pg from 'pg';
import pino from 'pino';
import { WEB_APP_HEADERS } from '../../../../contracts/web-app-headers.ts';
import { createFacade } from '../../../../monolith/server/gateway/facade.ts';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { call, makeRepository, openPlatform, writeNotes, type TestRepository } from '../repository.ts';

/** A service that echoes its requests. */
async function openService(answer?: (req: IncomingMessage, res: ServerResponse) => void) {
  const echo = (req: IncomingMessage, res: ServerResponse): void => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      const { method, url, headers, socket } = req;
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ method, url, headers, body, port: socket.localPort }));
    });
  };
  const server = createServer(answer ?? echo).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('facade and gateway', () => {
  let repository: TestRepository;
  let platform: Platform & { readonly databaseUrl: string };
  let db: pg.Client;
  let service: Awaited<ReturnType<typeof openService>>;
  const old = (at: string): string => `http://127.0.0.1:${platform.port}/api/tools/${at}`;
  const gateway = (at: string): string => `http://127.0.0.1:${platform.gatewayPort}${at}`;

  /** Switches the tool and waits until the platform has noticed. */
  const switchTo = async (serviceUrl: string | null): Promise<void> => {
    await db.query(`DELETE FROM tool_routes WHERE tool_id = 'notes'`);
    if (serviceUrl !== null)
      await db.query(
        `INSERT INTO tool_routes (tool_id, service_url, web_root) VALUES ('notes', $1, 'apps/notes-web/dist')`,
        [serviceUrl],
      );
    while ((platform.routes.get('notes')?.serviceUrl ?? null) !== serviceUrl)
      await new Promise((resolve) => setTimeout(resolve, 5));
  };

  before(async () => {
    repository = await makeRepository();
    await writeNotes(repository);
    await repository.write('apps/notes-web/dist/index.html', '<title>Notes</title>');
    await repository.write('apps/notes-web/dist/main-ABCDEFGH.js', 'export {};');
    await repository.write('apps/notes-web/secret.txt', 'secret');
    platform = await openPlatform(repository.root);
    db = new pg.Client({ connectionString: platform.databaseUrl });
    await db.connect();
    service = await openService();
  });
  after(async () => {
    await service.close();
    await db.end();
    await platform.close();
    await repository.remove();
  });
  afterEach(() => switchTo(null));

  it('forwards the old address of an exported tool to its service, and after a rollback to the monolith', async () => {
    expect((await call(old('notes/rows'))).body).to.deep.equal([{ name: 'monolith' }]);
    await switchTo(service.url);
    const { body } = await call(old('notes/rows?q=a%20b&x=%2F'));
    expect([body.method, body.url]).to.deep.equal(['GET', '/api/notes/rows?q=a%20b&x=%2F']);
    await switchTo(null);
    expect((await call(old('notes/rows'))).body).to.deep.equal([{ name: 'monolith' }]);
  });

  it('serves the same gateway address before and after the export', async () => {
    expect((await call(gateway('/api/notes/rows'))).body).to.deep.equal([{ name: 'monolith' }]);
    await switchTo(service.url);
    expect((await call(gateway('/api/notes/rows'))).body.url).to.equal('/api/notes/rows');
    expect((await call(gateway('/api/tools/notes/rows'))).body.url).to.equal('/api/notes/rows');
    expect((await call(gateway('/api/notes'))).body.url).to.equal('/api/notes');
  });

  it('streams a body unchanged, even above the size limit of the platform', async () => {
    await switchTo(service.url);
    const text = 'x'.repeat(400_000);
    const { body } = await call(old('notes/upload'), { method: 'PUT', body: text });
    expect([body.method, body.body.length]).to.deep.equal(['PUT', text.length]);
  });

  it('overwrites forwarded headers of a client, and passes on token and request id', async () => {
    await switchTo(service.url);
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-port': '443',
      forwarded: 'for=10.0.0.1',
      authorization: 'Bearer abc',
      'x-request-id': 'trace-1',
    };
    const answer = await call(old('notes/rows'), { headers });
    const seen = answer.body.headers;
    expect(seen['x-forwarded-for']).to.equal('127.0.0.1');
    expect(seen['x-forwarded-host']).to.equal(`127.0.0.1:${platform.port}`);
    expect(seen).not.to.have.any.keys('forwarded', 'x-forwarded-port');
    expect(seen.authorization).to.equal('Bearer abc');
    expect(seen['x-request-id']).to.equal('trace-1');
    expect(answer.headers.get('x-request-id')).to.equal('trace-1');
  });

  it('removes cookies of the platform from the answers of a service, and passes on its own', async () => {
    const setting = await openService((_req, res) => {
      res.setHeader('Set-Cookie', ['platform_session=x; Path=/', 'mine=1', 'XSRF-TOKEN=x']).end();
    });
    try {
      await switchTo(setting.url);
      for (const url of [old('notes/rows'), gateway('/api/notes/rows')])
        expect((await call(url)).headers.getSetCookie()).to.deep.equal(['mine=1']);
    } finally {
      await setting.close();
    }
  });

  it('does not forward addresses of the registry', async () => {
    await switchTo(service.url);
    expect((await call(old('notes'))).body.toolId).to.equal('notes');
    expect((await call(old('notes/history'))).status).to.equal(200);
  });

  it('answers 502 with a problem while the service is down', async () => {
    const gone = await openService();
    await gone.close();
    await switchTo(gone.url);
    for (const url of [old('notes/rows'), gateway('/api/notes/rows')]) {
      const answer = await call(url);
      expect(answer.status).to.equal(502);
      expect(answer.headers.get('content-type')).to.include('application/problem+json');
      expect(answer.body.code).to.equal('service-unreachable');
      expect(answer.text).not.to.include(gone.url);
    }
  });

  it('uses instances round-robin, and skips one that is down', async () => {
    const second = await openService();
    await db.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment) VALUES ('notes', $1, 'apps/notes-web/dist', $2)`,
      [service.url, JSON.stringify({ instances: [service.url, second.url] })],
    );
    while (platform.routes.get('notes')?.instances.length !== 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const asked = async (): Promise<Set<string>> => {
      const hosts = new Set<string>();
      for (let round = 0; round < 6; round++) {
        const { status, body } = await call(old('notes/rows?page=2'));
        expect([status, body.url]).to.deep.equal([200, '/api/notes/rows?page=2']);
        hosts.add(`http://127.0.0.1:${body.port}`);
      }
      return hosts;
    };
    expect(await asked()).to.deep.equal(new Set([service.url, second.url]));
    await second.close();
    for (const [method, text] of [
      ['POST', 'one'],
      ['PUT', 'two'],
      ['DELETE', ''],
    ] as const) {
      const { status, body } = await call(old('notes/rows'), {
        method,
        ...(text === '' ? {} : { body: text }),
      });
      expect([status, body.method, body.body], 'what never got there is sent again').to.deep.equal([
        200,
        method,
        text,
      ]);
    }
    expect(await asked(), 'no reader notices').to.deep.equal(new Set([service.url]));
  });

  it('sends no POST to an instance that has been down until a GET was answered there', async () => {
    let mode: 'closes' | 'answers' = 'closes';
    const posts: string[] = [];
    const starting = await openService((req, res) => {
      if (mode === 'closes') {
        res.destroy();
        return;
      }
      posts.push(req.method ?? '');
      res.end('{}');
    });
    await db.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment) VALUES ('notes', $1, 'apps/notes-web/dist', $2)`,
      [service.url, JSON.stringify({ instances: [service.url, starting.url] })],
    );
    while (platform.routes.get('notes')?.instances.length !== 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const send = async (method: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (let i = 0; i < 6; i += 1) statuses.push((await call(old('notes/rows'), { method })).status);
      return statuses;
    };
    const fine = Array<number>(6).fill(200);
    expect(await send('GET'), 'reads are repeated').to.deep.equal(fine);
    expect(await send('POST')).to.deep.equal(fine);
    mode = 'answers';
    await service.close(); // its requests go to the other instance, which proves itself
    expect(await send('GET')).to.deep.equal(fine);
    expect(await send('POST')).to.deep.equal(fine);
    expect(posts).to.include('POST');
    service = await openService();
    await starting.close();
  });

  it('does not retry a request that an instance may have acted on', async () => {
    const breaking = await openService((_req, res) => res.destroy());
    await db.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment) VALUES ('notes', $1, 'apps/notes-web/dist', $2)`,
      [breaking.url, JSON.stringify({ instances: [breaking.url, service.url] })],
    );
    while (platform.routes.get('notes')?.instances.length !== 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const statuses: number[] = [];
    while (!statuses.includes(502) && statuses.length < 4)
      statuses.push((await call(old('notes/rows'), { method: 'POST', body: 'pay' })).status);
    expect(statuses).to.include(502);
    await breaking.close();
  });

  it('answers 504 after a timeout, and cuts off an incomplete answer', async () => {
    const slow = await openService((req, res) => {
      if (req.url?.endsWith('/half')) {
        res.writeHead(200, { 'content-length': '1000' });
        res.write('half');
        setTimeout(() => res.destroy(), 20);
      } // and otherwise nothing
    });
    const routes = {
      get: (toolId: string) => ({ toolId, serviceUrl: slow.url, instances: [slow.url], webRoot: '' }),
      all: () => [],
      close: () => undefined,
    };
    const logger = pino({ level: 'silent' });
    const authorizationFor = () => Promise.resolve(null);
    const facade = createFacade({ routes, logger, authorizationFor, timeoutMs: 150 });
    const app = express().use('/api/:toolId', facade);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await call(`${base}/api/notes/slow`)).status).to.equal(504);
    const half = await call(`${base}/api/notes/half`).then(
      () => 'whole',
      () => 'broken',
    );
    expect(half).to.equal('broken');
    server.closeAllConnections();
    server.close();
    await slow.close();
  });

  it('serves the web app of an exported tool with deep links, and no other file', async () => {
    expect((await call(gateway('/tools/notes/'))).status).to.equal(404); // no dashboard in this test
    await switchTo(service.url);
    const moved = await call(gateway('/tools/notes'));
    expect([moved.status, moved.headers.get('location')]).to.deep.equal([308, '/tools/notes/']);
    for (const page of ['/tools/notes/', '/tools/notes/items/7']) {
      const answer = await call(gateway(page), { headers: { accept: 'text/html' } });
      expect(answer.text, page).to.equal('<title>Notes</title>');
      expect(answer.headers.get('cache-control')).to.equal('no-cache');
    }
    for (const page of ['/tools/notes/', '/tools/notes/items/7', '/tools/notes/main-ABCDEFGH.js'])
      for (const [name, value] of Object.entries(WEB_APP_HEADERS))
        expect((await call(gateway(page))).headers.get(name), `${name} of ${page}`).to.equal(value);
    expect(WEB_APP_HEADERS['Content-Security-Policy'])
      .to.include("script-src 'self'")
      .and.include("frame-ancestors 'self'");
    const script = await call(gateway('/tools/notes/main-ABCDEFGH.js'));
    expect(script.headers.get('cache-control')).to.include('immutable');
    expect((await call(gateway('/tools/notes/missing.js'))).status).to.equal(404);
    for (const page of ['about', 'export', 'about/?from=mail'])
      expect(
        (await call(gateway(`/tools/notes/${page}`))).status,
        'the dashboard, which this test has not',
      ).to.equal(404);
    for (const path of ['/tools/notes/..%2Fsecret.txt', '/tools/notes/%2e%2e/secret.txt'])
      expect((await call(gateway(path))).text, path)
        .not.to.include('secret\n')
        .and.not.to.equal('secret');
  });

  it('passes all other requests to the platform', async () => {
    expect((await call(gateway('/api/tools/notes'))).body.toolId).to.equal('notes');
    expect((await call(gateway('/livez'))).status).to.equal(200);
    expect((await call(gateway('/api/missing/x'))).status).to.equal(404);
  });

  it('rereads its routes after its database connections were cut', async () => {
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await switchTo(service.url);
    expect((await call(old('notes/rows'))).body.url).to.equal('/api/notes/rows');
  });
});
