import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';
import { expect } from 'chai';
import express from 'express';
import pg from 'pg';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { mountTool } from '../../../../monolith/server/host/mount.ts';
import { authenticate } from '../../../../registry-api/auth/authenticate.ts';
import { requestId } from '../../../../monolith/server/host/request-id.ts';
import manifestJson from '../../../../tools/inventory-tracker/manifest.json' with { type: 'json' };
import { createDatabase } from '../../../support/postgres.ts';
import { emptyFolder, factsOf, run, writeTree } from './exported-service.ts';

const TOOL = 'inventory-tracker';
const FENCE = `CREATE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'moving' USING ERRCODE = 'PF503'; END $$;
  CREATE TRIGGER fence BEFORE INSERT OR UPDATE OR DELETE ON inventory_items EXECUTE FUNCTION fence()`;

interface Call {
  readonly method?: string;
  /** `$id` is replaced by the id of the last created item. */
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

const item = { sku: 'A-1', name: 'Anvil', quantity: 3, price: '12.50', attributes: { colour: 'black' } };

/** Valid and invalid calls, ordered so that each finds the rows it needs. */
const CALLS: readonly Call[] = [
  { path: '/items' },
  { method: 'POST', path: '/items', body: item },
  { method: 'POST', path: '/items', body: item },
  { method: 'POST', path: '/items', body: { sku: 'lower', extra: true } },
  { method: 'POST', path: '/items', body: '{"sku":' },
  { method: 'POST', path: '/items', body: JSON.stringify({ name: 'x'.repeat(300_000) }) },
  { method: 'POST', path: '/items', body: item, type: 'application/json; charset=latin1' },
  { method: 'POST', path: '/items', body: 'sku=A', type: 'application/x-www-form-urlencoded' },
  { path: '/items/$id' },
  { path: '/items?limit=none&offset=-1' },
  { path: '/items?q=anv&sort=price&order=desc' },
  { method: 'PUT', path: '/items/$id', body: { sku: 'A-2', name: 'Anvil, heavy' } },
  { method: 'POST', path: '/items/$id/adjust', body: { change: 4, reason: 'found' } },
  { method: 'POST', path: '/items/$id/adjust', body: { change: -400 } },
  { path: '/items/$id/transactions' },
  { method: 'DELETE', path: '/items/$id' },
  { path: '/items/00000000-0000-4000-8000-000000000000' },
  { path: '/items/%E0%A4%A' },
  { path: '/nowhere?x=1' },
  { method: 'PATCH', path: '/items' },
];

describe('the monolith and the exported service', function () {
  const folder = emptyFolder();
  let monolith: Server;
  let service: ChildProcess;
  let pools: readonly pg.Pool[];
  let bases: readonly string[];

  before(async () => {
    writeTree(folder, (await factsOf(TOOL)).files);
    symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
    const urls = [await createDatabase(), await createDatabase()];
    for (const url of urls)
      expect(
        (
          await run(folder, [process.execPath, '--conditions=source', 'src/migrate.ts'], {
            DATABASE_URL: url,
          })
        ).exitCode,
      ).to.equal(0);
    pools = urls.map((connectionString) => new pg.Pool({ connectionString }));
    const port = await getPort({ host: '127.0.0.1' });
    service = spawn(process.execPath, ['--conditions=source', 'src/server.ts'], {
      cwd: folder,
      env: { PORT: String(port), DATABASE_URL: urls[1], AUTH_MODE: 'development', LOG_LEVEL: 'silent' },
      stdio: 'ignore',
    });
    monolith = await startMonolith(pools[0]!);
    const { port: monolithPort } = monolith.address() as AddressInfo;
    bases = [`http://127.0.0.1:${monolithPort}/api/tools/${TOOL}`, `http://127.0.0.1:${port}/api/${TOOL}`];
    while ((await fetch(`${bases[1]!}/health`).catch(() => null)) === null && service.exitCode === null)
      await delay(50);
  });
  after(async () => {
    service.kill('SIGKILL');
    monolith.close();
    monolith.closeAllConnections();
    await Promise.all(pools.map((pool) => pool.end()));
    rmSync(folder, { recursive: true });
  });

  it('return the same status, headers and body for every call', async () => {
    const recorded = await record(bases[0]!, CALLS);
    expect(await record(bases[1]!, CALLS)).to.deep.equal(recorded);
    expect(recorded.map(({ status }) => status).join(' ')).to.equal(
      '200 201 409 422 400 413 415 422 200 422 200 200 200 409 200 409 404 400 404 404',
    );
  });

  it('both reject writes with Retry-After while the tables are fenced, and still serve reads', async () => {
    for (const pool of pools) await pool.query(FENCE);
    const calls = [{ method: 'POST', path: '/items', body: { ...item, sku: 'B-1' } }, { path: '/items' }];
    const recorded = await record(bases[0]!, calls);
    expect(await record(bases[1]!, calls)).to.deep.equal(recorded);
    expect(recorded.map(({ status }) => status)).to.deep.equal([503, 200]);
    expect(recorded[0]?.headers['retry-after']).to.equal('5');
  });
});

interface Recorded {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body: string;
}

/** Replaces ids, times and the tool's address, the only permitted differences between the hosts. */
async function record(base: string, calls: readonly Call[]): Promise<readonly Recorded[]> {
  const prefix = new URL(base).pathname;
  const recorded: Recorded[] = [];
  let id = '';
  for (const { method = 'GET', path: address, body, type = 'application/json' } of calls) {
    const response = await fetch(base + address.replace('$id', id), {
      method,
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': type },
          }),
    });
    const text = await response.text();
    if (response.status === 201) id = (JSON.parse(text) as { id: string }).id;
    const plain = (value: string | null): string | null =>
      value
        ?.replaceAll(prefix, '')
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (found) => (found === id ? '$id' : '$uuid'))
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '$time') ?? null;
    const headers = ['content-type', 'location', 'retry-after', 'www-authenticate', 'cache-control'];
    recorded.push({
      status: response.status,
      headers: Object.fromEntries(headers.map((name) => [name, plain(response.headers.get(name))])),
      body: plain(text) ?? '',
    });
  }
  return recorded;
}

async function startMonolith(db: pg.Pool): Promise<Server> {
  const manifest = parseManifest(manifestJson);
  const quiet = (): void => undefined;
  const router = await mountTool({ id: TOOL, folder: path.resolve('tools', TOOL) }, manifest, db, {
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    env: {},
    showDetails: false,
  });
  const server = express()
    .use(
      requestId,
      authenticate({ mode: 'development', verify: () => Promise.reject(new Error('no tokens here')) }),
    )
    .use(`/api/tools/${TOOL}`, router)
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
