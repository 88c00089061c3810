import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import getPort from 'get-port';
import { expect } from 'chai';
import express from 'express';
import pg from 'pg';
import { pino } from 'pino';
import { parseManifest } from '../../../../contracts/manifest.ts';
import type { CreateToolRouter } from '../../../../contracts/tool-context.ts';
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
          await run(folder, [process.execPath, 'src/host/migrate.ts'], {
            DATABASE_URL: url,
          })
        ).exitCode,
      ).to.equal(0);
    pools = urls.map((connectionString) => new pg.Pool({ connectionString }));
    const port = await getPort({ host: '127.0.0.1' });
    service = spawn(process.execPath, ['src/server.ts'], {
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

  it('the service runs the host code of the monolith, byte for byte', () => {
    const shared = readdirSync('contracts/host').map((name) => `contracts/host/${name}`);
    expect(shared).to.have.length.greaterThan(3);
    for (const file of shared)
      expect(readFileSync(path.join(folder, 'src/carried', file), 'utf8'), file).to.equal(
        readFileSync(file, 'utf8'),
      );
    expect(readFileSync(path.join(folder, 'src/host/sql-migrations.ts'), 'utf8')).to.equal(
      readFileSync('registry-api/store/sql-migrations.ts', 'utf8'),
    );
  });

  it('both hosts return the same status, headers and body for every call', async () => {
    const recorded = await record(bases[0]!, CALLS);
    expect(await record(bases[1]!, CALLS)).to.deep.equal(recorded);
    expect(recorded.map(({ status }) => status).join(' ')).to.equal(
      '200 201 409 422 400 413 415 422 200 422 200 200 200 409 200 409 404 400 404 404',
    );
  });

  it('both hosts reject writes with Retry-After while the tables are fenced, and still serve reads', async () => {
    for (const pool of pools) await pool.query(FENCE);
    const calls = [{ method: 'POST', path: '/items', body: { ...item, sku: 'B-1' } }, { path: '/items' }];
    const recorded = await record(bases[0]!, calls);
    expect(await record(bases[1]!, calls)).to.deep.equal(recorded);
    expect(recorded.map(({ status }) => status)).to.deep.equal([503, 200]);
    expect(recorded[0]?.headers['retry-after']).to.equal('5');
  });

  describe('around a tool that throws', () => {
    const servers: Server[] = [];
    after(() => {
      for (const server of servers) server.closeAllConnections();
    });
    const listen = async (app: express.Express): Promise<string> => {
      const server = app.listen(0, '127.0.0.1');
      servers.push(server.unref());
      await once(server, 'listening');
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/${TOOL}`;
    };
    const answerTo = async (url: string): Promise<unknown> => {
      const response = await fetch(url);
      const names = ['content-type', 'retry-after', 'www-authenticate', 'cache-control'];
      return [response.status, names.map((name) => response.headers.get(name)), await response.text()];
    };

    it('both hosts give byte-identical answers to every error', async () => {
      const tool = { id: 'thrower', folder: path.join(folder, 'tools/thrower') };
      writeTree(tool.folder, { 'backend/index.ts': THROWER });
      const manifest = parseManifest({ id: 'thrower', name: 'T', route: '/tools/thrower' });
      const quiet = (): void => undefined;
      const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
      const router = await mountTool(tool, manifest, pools[0]!, { logger, env: {}, showDetails: false });
      const verify = (): Promise<never> => Promise.reject(new Error('no tokens here'));
      const inMonolith = await listen(
        express()
          .use(requestId, authenticate({ mode: 'production', verify }))
          .use(`/api/${TOOL}`, router),
      );

      const load = (file: string): Promise<unknown> => import(pathToFileURL(path.join(folder, file)).href);
      const { createApp } = (await load('src/host/app.ts')) as {
        createApp: (parts: object) => express.Express;
      };
      const { default: createRouter, ERRORS } = (await load('tools/thrower/backend/index.ts')) as {
        default: CreateToolRouter;
        ERRORS: readonly unknown[];
      };
      const keys = { jwksUrl: 'http://127.0.0.1:1/', issuer: 'x', audience: 'x' };
      const inService = await listen(
        createApp({
          config: { auth: { mode: 'required', platform: keys }, tool: {} },
          db: pools[1],
          logger: pino({ level: 'silent' }),
          lifecycle: { stopping: false },
          createRouter,
        }),
      );

      for (const at of ['/guarded', '/nowhere?x=1', ...Array.from(ERRORS.keys(), (i) => `/throw/${i}`)]) {
        const expected = await answerTo(inMonolith + at);
        expect(await answerTo(inService + at), at).to.deep.equal(expected);
      }
      const notFound = ERRORS.findIndex((error) => error instanceof Error && error.name === 'PlatformError');
      expect(await answerTo(`${inService}/throw/${notFound}`)).to.have.property('0', 404);
    });
  });
});

/** A tool that throws whatever a tool can throw. */
const THROWER = `
  import { Router } from 'express';
  import { PlatformError } from '${pathToFileURL(path.resolve('contracts/errors.ts')).href}';
  const withCode = (code) => Object.assign(new Error('secret of ' + code), { code });
  const problem = (status, code) =>
    Object.assign(new Error('Told.'), { name: 'HttpProblem', status, code, errors: [{ pointer: '/a', message: 'is wrong' }] });
  export const ERRORS = [
    new Error('timeout expired'), new Error('Connection terminated unexpectedly'), new Error('a secret'),
    new AggregateError([withCode('ECONNREFUSED')]),
    ...['PF503', '23505', '23503', '23502', '23514', '22P02', '22003', '2200', '40001', '40P01', '55P03', '57014', '57P01',
      '57P05', '08006', '53300', 'ECONNRESET', '42501', '42P01', 'constructor'].map(withCode),
    problem(409, 'taken'), problem(409, 'tool-in-use'), problem(401, 'unauthenticated'), problem(503, 'internal'),
    Object.assign(new Error('No.'), { status: 413, type: 'entity.too.large' }),
    Object.assign(new Error('No.'), { status: 415 }), Object.assign(new Error('No.'), { status: 418 }),
    new PlatformError('tool-not-found', 'No such tool.'), new PlatformError('rate-limited'), new PlatformError('step-failed', 'Broken.'),
    new PlatformError('body-invalid', 'No.', { errors: [{ pointer: '/a', message: 'is wrong' }] }),
    ...['ENOENT', 'ECONNREFUSED'].map(withCode),
    null, undefined, 'text', 7, {},
  ];
  export default ({ requirePermission }) => Router()
    .get('/guarded', requirePermission('things:read'), (_request, response) => void response.json('in'))
    .get('/throw/:i', (request) => Promise.reject(ERRORS[Number(request.params.i)]));
`;

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
