import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import { parseSettings } from '../../../contracts/settings.ts';
import { resolveDatabase, startEmbedded, stopCluster } from '../../../registry-api/store/embedded/index.ts';
import { createDatabase } from '../../support/postgres.ts';

const exec = promisify(execFile);
const quick = { fsync: 'off' };

async function ask<T>(url: string, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, T>>(sql);
    return Object.values(result.rows[0] ?? {})[0] as T;
  } finally {
    await client.end();
  }
}

describe('embedded PostgreSQL', function () {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'generator-platform-cluster-'));
    await chmod(folder, 0o755);
  });

  afterEach(async () => {
    await stopCluster(path.join(folder, 'state'));
    await rm(folder, { recursive: true, force: true });
  });

  it('starts one cluster for concurrent processes, and keeps its port across a restart', async () => {
    const state = path.join(folder, 'state');
    const script =
      `import { startEmbedded } from ${JSON.stringify(path.resolve('registry-api/store/embedded/index.ts'))};` +
      `process.stdout.write(await startEmbedded(${JSON.stringify(state)}, { fsync: 'off' }));`;
    const runs = await Promise.all(
      [1, 2, 3, 4].map(() => exec('node', ['--input-type=module', '-e', script], { encoding: 'utf8' })),
    );
    const [url = ''] = runs.map((run) => run.stdout);
    expect(new Set(runs.map((run) => run.stdout)).size).to.equal(1);
    expect(await ask(url, 'SHOW wal_level')).to.equal('logical');
    expect(await ask(url, 'SHOW server_encoding')).to.equal('UTF8');
    const secret = await stat(path.join(state, 'secrets', 'postgres-superuser'));
    expect(secret.mode & 0o777).to.equal(0o600);

    expect(await stopCluster(state)).to.equal(true);
    expect(await stopCluster(state)).to.equal(false);
    expect(await startEmbedded(state, quick)).to.equal(url);
  });

  it('lets roles of tools connect to the databases that were granted to them only', async () => {
    const state = path.join(folder, 'state');
    const url = await startEmbedded(state, quick);
    for (const sql of [
      `CREATE ROLE tool_old LOGIN PASSWORD 'x'`,
      `CREATE ROLE guest LOGIN PASSWORD 'x'`,
      'GRANT CONNECT ON DATABASE platform TO PUBLIC',
    ])
      await ask(url, sql);
    await startEmbedded(state, quick);
    const reach = async (user: string, database: string): Promise<string> => {
      const at = Object.assign(new URL(url), { username: user, password: 'x', pathname: `/${database}` });
      return ask(at.href, 'SELECT 1').then(
        () => 'connected',
        (error: unknown) => (error as { code: string }).code,
      );
    };
    expect(await reach('tool_old', 'platform'), 'a tool of a running platform').to.equal('connected');
    for (const [user, database] of [
      ['tool_old', 'postgres'],
      ['tool_old', 'template1'],
      ['guest', 'platform'],
    ] as const)
      expect(await reach(user, database), `${user} to ${database}`).to.equal('42501');
  });

  it('starts despite a stale postmaster.pid whose pid belongs to another process', async () => {
    const state = path.join(folder, 'state');
    const url = await startEmbedded(state, quick);
    const pidFile = path.join(state, 'postgres', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await ask(url, 'CREATE TABLE kept AS SELECT 1 AS n');
    await ask(url, 'CHECKPOINT');
    process.kill(Number(lines[0]), 'SIGKILL');
    await writeFile(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    expect(await ask(await startEmbedded(state, quick), 'SELECT n FROM kept')).to.equal(1);
  });

  it('works in a repository that the PostgreSQL user cannot enter', async function () {
    if (process.getuid?.() !== 0) return; // an ordinary user runs PostgreSQL under the own account, which always has access
    const state = path.join(folder, 'state');
    await chmod(folder, 0o700);
    const url = await startEmbedded(state, quick);
    const data = await readlink(path.join(state, 'postgres'));
    try {
      expect(await ask(url, 'SHOW data_directory')).to.equal(data);
      const outside = await stat(path.dirname(data));
      expect(outside.mode & 0o777).to.equal(0o700);
      expect(outside.uid).not.to.equal(0);
    } finally {
      await stopCluster(state);
      await rm(path.dirname(data), { recursive: true, force: true });
    }
  });
});

describe('resolveDatabase with DATABASE_URL', () => {
  it('returns the URL when the database answers', async () => {
    const url = await createDatabase();
    expect(await resolveDatabase(parseSettings({ DATABASE_URL: url }), folderOfNothing)).to.deep.equal({
      url,
      embedded: false,
    });
  });

  it('explains what to do when the database does not answer, without the password', async () => {
    const settings = parseSettings({ DATABASE_URL: 'postgresql://me:topsecret@127.0.0.1:1/x' });
    const error = await resolveDatabase(settings, folderOfNothing).catch((e: unknown) => e as Error);
    expect(error).to.have.property('code', 'database-unreachable');
    expect((error as Error).message)
      .to.include('127.0.0.1:1/x')
      .and.include('DATABASE_URL')
      .and.not.include('topsecret');
  });
});

const folderOfNothing = '/nonexistent';
