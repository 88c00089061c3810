import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmbedded, stopCluster } from '../../registry-api/store/embedded/index.ts';
import { aManifest, call, startTestRegistry, type TestRegistry } from './support/registry.ts';

describe('operation of the registry', function () {
  it('counts requests by route template, not by address', async () => {
    const registry = await startTestRegistry();
    try {
      for (const id of ['one', 'two', 'three']) await registry.call('GET', `/api/tools/${id}`);
      await registry.call('GET', '/api/tools?limit=1');
      await registry.call('GET', '/nowhere/at-all');
      await registry.call('PATCH', '/api/tools/one');
      const { body, headers } = await registry.call('GET', '/metrics');
      expect(headers.get('content-type')).to.match(/^text\/plain/);
      const lines = String(body).split('\n');
      const count = (labels: string) =>
        lines
          .find((line) => line.startsWith(`http_request_duration_seconds_count{${labels}}`))
          ?.split(' ')
          .at(-1);
      expect(count('method="GET",route="/api/tools/{toolId}",status="404"')).to.equal('3');
      expect(count('method="GET",route="/api/tools",status="200"')).to.equal('1');
      expect(count('method="GET",route="other",status="404"')).to.equal('1');
      expect(String(body)).not.to.match(/nowhere|\/one/);
      for (const name of [
        'registry_pool_connections{state="busy"}',
        'http_requests_in_flight',
        'process_cpu_seconds_total',
      ])
        expect(
          lines.some((line) => line.startsWith(name)),
          name,
        ).to.equal(true);
    } finally {
      await registry.close();
    }
  });

  it('answers at addresses that other applications have, too, below /api/registry as well', async () => {
    const registry = await startTestRegistry();
    try {
      for (const address of ['/livez', '/readyz', '/health', '/metrics', '/openapi.json', '/docs/start.js']) {
        const [plain, own] = await Promise.all(
          [address, `/api/registry${address}`].map((at) => registry.call('GET', at)),
        );
        expect([own!.status, own!.headers.get('content-type')], address).to.deep.equal([
          200,
          plain!.headers.get('content-type'),
        ]);
      }
      const page = String((await registry.call('GET', '/api/registry/docs')).body);
      for (const [, file] of page.matchAll(/(?:href|src)="([^"]+)"/g))
        expect((await registry.call('GET', file!)).status, file).to.equal(200);
      expect(page.match(/(?:href|src)="\/api\/registry\//g)).to.have.length(5);
      expect((await registry.call('GET', '/api/registry/api/tools')).status).to.equal(404);
    } finally {
      await registry.close();
    }
  });

  it('sends security headers', async () => {
    const registry = await startTestRegistry();
    try {
      for (const address of ['/api/tools', '/api/tools/missing', '/health', '/openapi.json']) {
        const { headers } = await registry.call('GET', address);
        expect(headers.get('content-security-policy'), address).to.include("default-src 'none'");
        expect(headers.get('x-content-type-options'), address).to.equal('nosniff');
        expect(headers.get('x-powered-by'), address).to.equal(null);
      }
    } finally {
      await registry.close();
    }
  });

  describe('when PostgreSQL is slow', () => {
    let registry: TestRegistry;
    before(async () => {
      registry = await startTestRegistry({
        poolOptions: { max: 2, connectTimeoutMs: 300, statementTimeoutMs: 300 },
      });
    });
    after(() => registry.close());

    const expectAway = async (method: string, address: string, body?: unknown): Promise<void> => {
      const answer = await registry.call(method, address, { ...(body !== undefined && { body }) });
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).to.deep.equal([
        503,
        'database-unreachable',
        '2',
      ]);
    };

    it('cancels a slow statement and rolls its change back', async () => {
      const blocker = await registry.pool.connect();
      const manifest = aManifest();
      try {
        await blocker.query('BEGIN');
        await blocker.query('LOCK TABLE tool_registry IN ACCESS EXCLUSIVE MODE');
        await expectAway('GET', '/api/tools');
        await expectAway('POST', '/api/tools', manifest);
      } finally {
        await blocker.query('ROLLBACK');
        blocker.release();
      }
      expect((await registry.call('GET', `/api/tools/${manifest.id}`)).status).to.equal(404);
      expect((await registry.call('POST', '/api/tools', { body: manifest })).status).to.equal(201);
    });

    it('limits the wait for a connection', async () => {
      const held = [await registry.pool.connect(), await registry.pool.connect()];
      try {
        await expectAway('GET', '/api/tools');
        expect((await registry.call('GET', '/livez')).status).to.equal(200);
      } finally {
        for (const client of held) client.release();
      }
      expect((await registry.call('GET', '/api/tools')).status).to.equal(200);
      const most = await registry.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'registry-api' AND datname = current_database()`,
      );
      expect(most.rows[0]?.n).to.be.at.most(2);
    });
  });

  it('waits for its database at the start, and finishes requests in flight on SIGTERM', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'generator-platform-server-'));
    await chmod(folder, 0o755);
    let server: ChildProcess | undefined;
    try {
      const databaseUrl = await startEmbedded(folder, { fsync: 'off' });
      await stopCluster(folder);
      server = spawn(process.execPath, ['registry-api/server.ts'], {
        env: {
          PATH: process.env['PATH'],
          DATABASE_URL: databaseUrl,
          PLATFORM_STATE_DIR: folder,
          PLATFORM_PORT: '0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = new Promise<number | null>((resolve) => server?.once('exit', resolve));
      let log = '';
      server.stdout?.setEncoding('utf8').on('data', (text: string) => (log += text));
      const line = async (message: string): Promise<Record<string, unknown>> => {
        for (let look = 0; look < 600; look += 1) {
          const found = log.split('\n').find((text) => text.includes(`"msg":"${message}"`));
          if (found !== undefined) return JSON.parse(found) as Record<string, unknown>;
          await sleep(50);
        }
        throw new Error(`no line "${message}" in:\n${log}`);
      };
      await line('waiting for the database');
      expect(await startEmbedded(folder, { fsync: 'off' })).to.equal(databaseUrl);
      const url = `http://127.0.0.1:${String((await line('the registry listens'))['port'])}`;
      expect((await call(url, 'GET', '/readyz')).status).to.equal(200);

      const manifest = aManifest();
      expect((await call(url, 'POST', '/api/tools', { body: manifest })).status).to.equal(201);
      const helper = await startTestRegistry({ databaseUrl });
      const blocker = await helper.pool.connect();
      try {
        const job = await helper.call('POST', `/api/tools/${manifest.id}/export`);
        const stream = await fetch(`${url}/api/tools/export/jobs/${job.body.id as string}/events`);
        const streamed = stream.text();
        await blocker.query('BEGIN');
        await blocker.query('SELECT FROM tool_registry FOR UPDATE');
        const change = call(url, 'PUT', `/api/tools/${manifest.id}`, { body: { name: 'Changed at last' } });
        for (let look = 0; look < 200; look += 1) {
          const waiting = await helper.pool.query(`SELECT FROM pg_locks WHERE NOT granted`);
          if ((waiting.rowCount ?? 0) > 0) break;
          await sleep(25);
        }
        server.kill('SIGTERM');
        expect(await streamed, 'the stream ends').to.include('event:job');
        await blocker.query('COMMIT');
        expect(await change).to.deep.include({ status: 200 });
        expect(await exited).to.equal(0);
        expect((await helper.call('GET', `/api/tools/${manifest.id}`)).body.name).to.equal('Changed at last');
      } finally {
        blocker.release();
        await helper.close();
      }
    } finally {
      server?.kill('SIGKILL');
      await stopCluster(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
