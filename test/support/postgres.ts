import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbedded, stopCluster } from '../../registry-api/store/embedded/index.ts';
import { isAlive } from '../../registry-api/store/lock-file.ts';
import { quoteName } from '../../registry-api/store/sql.ts';

/** One embedded PostgreSQL for all tests of a mocha process. */
export interface TestCluster {
  /** A state folder like `.platform/`, of this process alone. */
  readonly stateDir: string;
  /** Address of the cluster's `postgres` database, as superuser. */
  readonly adminUrl: string;
  /** A new, empty database of its own for one test (or one `describe`); gives its address. About 40 ms. */
  createDatabase(): Promise<string>;
}

const PREFIX = 'generator-platform-test-';
let cluster: Promise<TestCluster> | undefined;

/** The cluster of this process: started at the first call, stopped and deleted when mocha is done. */
export function testCluster(): Promise<TestCluster> {
  cluster ??= startTestCluster();
  return cluster;
}

/** Shorthand for `(await testCluster()).createDatabase()`. */
export async function createDatabase(): Promise<string> {
  return (await testCluster()).createDatabase();
}

async function startTestCluster(): Promise<TestCluster> {
  await sweep();
  const stateDir = await mkdtemp(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(stateDir, 0o755); // when root runs the tests, the server's own user has to get in
  await mkdir(path.join(stateDir, 'run'));
  await writeFile(path.join(stateDir, 'run', 'owner.pid'), String(process.pid));
  process.once('exit', () => stopNow(stateDir));
  // what a crash would lose is thrown away anyway
  const url = await startEmbedded(stateDir, { fsync: 'off', full_page_writes: 'off' });
  const adminUrl = withDatabase(url, 'postgres');
  let count = 0;
  return {
    stateDir,
    adminUrl,
    async createDatabase() {
      count += 1;
      const name = `test_${process.pid}_${count}`;
      const client = new pg.Client({ connectionString: adminUrl });
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${quoteName(name)} TEMPLATE template0`);
      } finally {
        await client.end();
      }
      return withDatabase(url, name);
    },
  };
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.toString();
}

/** The last resort, for a mocha that is ended by a signal: its hooks never run, its exit handlers do. */
function stopNow(stateDir: string): void {
  try {
    const pid = Number(
      readFileSync(path.join(stateDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    process.kill(pid, 'SIGQUIT'); // immediate shutdown
    execFileSync('sleep', ['0.2']);
  } catch {
    // it has been stopped already
  }
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

/** Clusters of test processes that were killed outright. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const stateDir = path.join(tmpdir(), name);
    await stopCluster(stateDir).catch(() => false);
    await rm(stateDir, { recursive: true, force: true });
  }
}

// Loaded with the spec files, so this is a hook of mocha's root suite. Scripts may use the cluster without mocha.
if (typeof after === 'function')
  after('stop the PostgreSQL of the tests', async function () {
    if (cluster === undefined) return;
    const { stateDir } = await cluster;
    await stopCluster(stateDir);
    await rm(stateDir, { recursive: true, force: true });
  });
