import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded, stopCluster } from '../../../registry-api/store/embedded/index.ts';
import { withDatabase } from '../../../extraction/run/target.ts';
import { query } from './server.ts';

/** An embedded server beside that of all tests, which can be restarted. It asks for passwords. */
export interface SecondServer {
  /** Address of the database `postgres`, as superuser. */
  readonly adminUrl: string;
  createDatabase(): Promise<string>;
  /** Ends all connections; the port stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startSecondServer(): Promise<SecondServer> {
  // a name of the same form as that of the tests' own server, so that a killed test's folder is swept up
  const stateDir = await mkdtemp(path.join(tmpdir(), `generator-platform-test-${process.pid}-second-`));
  await chmod(stateDir, 0o755);
  await mkdir(path.join(stateDir, 'run'));
  await writeFile(path.join(stateDir, 'run', 'owner.pid'), String(process.pid));
  const settings = { fsync: 'off', full_page_writes: 'off' };
  const url = await startEmbedded(stateDir, settings);
  const adminUrl = withDatabase(url, 'postgres');
  let count = 0;
  return {
    adminUrl,
    async createDatabase() {
      const name = `second_${++count}`;
      await query(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
      return withDatabase(url, name);
    },
    async stop() {
      await stopCluster(stateDir);
    },
    async start() {
      await startEmbedded(stateDir, settings);
    },
    async remove() {
      await stopCluster(stateDir);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
