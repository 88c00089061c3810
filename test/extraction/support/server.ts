import { execFile, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import getPort from 'get-port';
import pg from 'pg';
import { testCluster } from '../../support/postgres.ts';

const run = promisify(execFile);

/** A PostgreSQL server for tests, with the oracle beside it where there is one. */
export interface TestServer {
  readonly label: string;
  /** Folder of psql and pg_dump; `null` for the embedded server, which comes without them. */
  readonly bin: string | null;
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

const ROOT = '/usr/lib/postgresql';

/** Folder of a whole installation (server, contrib, psql, pg_dump) as Debian packages it; `null` where none is. */
export async function findInstallation(): Promise<string | null> {
  const versions = await readdir(ROOT).catch((): string[] => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const bin = path.join(ROOT, version, 'bin');
    const files = await readdir(bin).catch((): string[] => []);
    if (['initdb', 'postgres', 'psql', 'pg_dump'].every((file) => files.includes(file))) return bin;
  }
  return null;
}

/** @param extra settings of the server, such as `wal_level` */
export async function startInstalled(
  bin: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'extract-test-'));
  // PostgreSQL refuses to run as root: files and server get uid 65534
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (account.uid !== undefined) await chown(folder, account.uid, account.gid);
  await chmod(folder, 0o755);
  const data = path.join(folder, 'data');
  const options = { ...account, cwd: folder };
  await run(
    `${bin}/initdb`,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
    options,
  );
  const port = await getPort({ host: '127.0.0.1' });
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=60${Object.entries(
    extra,
  )
    .map(([name, value]) => ` -c ${name}=${value}`)
    .join('')}`;
  // output goes to a file, because a server that inherits the pipe would block `run` forever
  await run(
    `${bin}/pg_ctl`,
    ['-D', data, '-w', '-l', path.join(folder, 'log'), '-o', settings, 'start'],
    options,
  );
  const stopNow = (): void =>
    void spawnSync(`${bin}/pg_ctl`, ['-D', data, '-m', 'immediate', 'stop'], options);
  process.once('exit', stopNow);
  const admin = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  let count = 0;
  return {
    label: `installed ${path.basename(path.dirname(bin))}`,
    bin,
    async createDatabase() {
      const name = `case_${++count}`;
      await query(admin, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
      return `postgresql://postgres@127.0.0.1:${port}/${name}`;
    },
    async stop() {
      process.off('exit', stopNow);
      await run(`${bin}/pg_ctl`, ['-D', data, '-m', 'immediate', 'stop'], options);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startEmbeddedServer(): Promise<TestServer> {
  const cluster = await testCluster();
  return {
    label: 'embedded',
    bin: null,
    createDatabase: () => cluster.createDatabase(),
    stop: () => Promise.resolve(), // shared with other tests
  };
}

/** Runs any number of statements; returns the rows of the last result. */
export async function query(
  url: string,
  sql: string,
  values?: unknown[],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result: pg.QueryResult<Record<string, unknown>> | pg.QueryResult<Record<string, unknown>>[] =
      await client.query(sql, values);
    return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows;
  } finally {
    await client.end();
  }
}
