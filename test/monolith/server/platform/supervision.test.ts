import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import pino from 'pino';
import { parseSettings, type Settings } from '../../../../contracts/settings.ts';
import { tokenEnvironment } from '../../../../contracts/tokens.ts';
import { freePort } from '../../../../monolith/server/platform/listen.ts';
import { startPlatform } from '../../../../monolith/server/platform/platform.ts';
import {
  superviseServices,
  type ServiceSupervisor,
} from '../../../../monolith/server/platform/supervised-services.ts';
import { resolveDatabase, stopEmbedded } from '../../../../registry-api/store/embedded/index.ts';
import { backendOver, call, makeRepository } from '../repository.ts';

const logger = pino({ level: 'silent' });

const SERVICE = `
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
createServer((_req, res) => res.end('ok')).listen(Number(process.env.PORT), '127.0.0.1', () =>
  writeFileSync('pid', JSON.stringify({
    pid: process.pid,
    leaked: process.env.PLATFORM_TEST_LEAK ?? null,
    region: process.env.CRM_REGION ?? null,
    auth: process.env.AUTH_MODE ?? null,
    platform: process.env.PLATFORM_SERVICE_URL ?? null,
    keys: process.env.PLATFORM_JWKS_URL ?? null,
  })));
setTimeout(() => process.exit(0), 20_000);
`;

describe('supervisor', () => {
  let root: string;
  let port: number;
  const supervisor = (exported: readonly string[]): ServiceSupervisor =>
    superviseServices({
      root,
      run: path.join(root, 'run'),
      logger,
      env: { CRM_REGION: 'north', PLATFORM_TEST_LEAK: 'secret' },
      hungMs: 300,
      mode: 'production',
      port: 3456,
      routes: {
        get: (toolId) =>
          exported.includes(toolId) ? { toolId, serviceUrl: '', instances: [], webRoot: '' } : undefined,
      },
    });
  const service = async (): Promise<{ pid: number; leaked: unknown; region: unknown; auth: unknown }> =>
    JSON.parse(await readFile(path.join(root, 'apps/crm-api/pid'), 'utf8'));
  const untilItAnswers = async (): Promise<void> => {
    while ((await answers()) === null) await delay(20);
  };
  const untilStarted = async (supervised: ServiceSupervisor): Promise<void> => {
    while ((await supervised.check()).length === 0) await delay(20);
    await untilItAnswers();
  };
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
      (r) => r.text(),
      () => null,
    );

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'generator-platform-supervisor-'));
    port = await freePort({ host: '127.0.0.1', port: 0, fixed: false, what: '', variable: '' });
    await mkdir(path.join(root, 'run'));
    await mkdir(path.join(root, 'apps/crm-api'), { recursive: true });
    await writeFile(path.join(root, 'apps/crm-api/server.cjs'), SERVICE);
    const run = {
      args: [path.join(root, 'apps/crm-api/server.cjs')],
      cwd: 'apps/crm-api',
      env: { PORT: String(port) },
      passEnv: ['CRM_REGION', 'CRM_URL'],
      logFile: 'logs/crm-api.log',
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    };
    await writeFile(path.join(root, 'run/crm-api.json'), JSON.stringify(run));
    await writeFile(path.join(root, 'run/broken-api.json'), '{');
  });
  afterEach(async () => {
    const pid = await readFile(path.join(root, 'apps/crm-api/pid'), 'utf8').catch(() => null);
    if (pid !== null) process.kill((JSON.parse(pid) as { pid: number }).pid);
    await rm(root, { recursive: true, force: true });
  });

  it('starts the service of an exported tool once, with its own environment and the variables that it declares', async () => {
    const supervised = supervisor(['crm', 'broken']);
    expect(await supervised.check()).to.deep.equal(['crm']);
    await untilItAnswers();
    expect(await supervised.check()).to.deep.equal([]);
    expect(await service()).to.include({ leaked: null, region: 'north' });
  });

  it('starts a killed service again, and waits longer with each failure', async () => {
    const supervised = supervisor(['crm']);
    await untilStarted(supervised);
    const first = (await service()).pid;
    process.kill(first, 'SIGKILL');
    while ((await answers()) !== null) await delay(5);
    expect(await supervised.check()).to.deep.equal([]); // the first start counts as a failure a moment ago
    await untilStarted(supervised);
    expect((await service()).pid).not.to.equal(first);
  });

  it('ends a service that runs but does not answer, and starts it again', async () => {
    const supervised = supervisor(['crm']);
    await untilStarted(supervised);
    const { pid } = await service();
    process.kill(pid, 'SIGSTOP');
    await untilStarted(supervised);
    expect((await service()).pid).not.to.equal(pid);
  }).timeout(30_000);

  it('starts a service again that was exported in another mode or from another port than the platform has', async () => {
    const file = path.join(root, 'run/crm-api.json');
    const run = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(
      file,
      JSON.stringify({
        ...run,
        env: { ...run.env, AUTH_MODE: 'development', ...tokenEnvironment('http://127.0.0.1:3000', 'crm') },
      }),
    );
    await untilStarted(supervisor(['crm']));
    expect(await service()).to.include({
      auth: 'required',
      platform: 'http://127.0.0.1:3456',
      keys: 'http://127.0.0.1:3456/.well-known/jwks.json',
    });
    expect(await supervisor(['crm']).check()).to.deep.equal([]);
  });

  it('does not start a service without a route, which an interrupted export left', async () => {
    expect(await supervisor([]).check()).to.deep.equal([]);
    expect(await answers()).to.equal(null);
  });
});

async function postmasterOf(settings: Settings, root: string): Promise<number> {
  const client = new pg.Client({ connectionString: (await resolveDatabase(settings, root)).url });
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  await client.end();
  return Number(
    (await readFile(path.join(rows[0]!.data_directory, 'postmaster.pid'), 'utf8')).split('\n')[0],
  );
}

describe('an embedded PostgreSQL that is killed', () => {
  it('the platform starts a killed embedded PostgreSQL again, with all rows', async () => {
    const repository = await makeRepository();
    await repository.writeTool(
      'notes',
      { permissions: ['rows:read', 'rows:write'], databaseSchema: { tables: ['notes'] } },
      {
        'backend/index.ts': backendOver('notes'),
        'database/migrations/001-notes.sql': 'CREATE TABLE notes (name text);',
        'database/seeds/notes.sql': `INSERT INTO notes VALUES ('kept');`,
      },
    );
    const stateDir = await mkdtemp(path.join(tmpdir(), 'generator-platform-supervision-'));
    const settings = parseSettings({
      PLATFORM_PORT: '0',
      GATEWAY_PORT: '0',
      PLATFORM_GATEWAY: 'facade',
      PLATFORM_STATE_DIR: stateDir,
    });
    const platform = await startPlatform({ root: repository.root, settings, logger, env: {}, web: false });
    try {
      const rows = `http://127.0.0.1:${platform.port}/api/tools/notes/rows`;
      expect((await call(rows)).body).to.deep.equal([{ name: 'kept' }]);
      process.kill(await postmasterOf(settings, repository.root), 'SIGKILL');
      const ready = `http://127.0.0.1:${platform.port}/readyz`;
      while ((await call(ready)).status === 200) await delay(20);
      while ((await call(ready)).status !== 200) await delay(50);
      while ((await call(rows)).status !== 200) await delay(50);
      expect((await call(rows)).body).to.deep.equal([{ name: 'kept' }]);
    } finally {
      await platform.close();
      await stopEmbedded(settings, repository.root);
      await rm(stateDir, { recursive: true, force: true });
      await repository.remove();
    }
  }).timeout(60_000);
});
