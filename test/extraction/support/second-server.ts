import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startEmbedded, stopCluster } from '../../../registry-api/store/embedded/index.ts';
import { withDatabase } from '../../../extraction/run/target.ts';
import { query } from './server.ts';

const run = promisify(execFile);

/** An embedded server beside that of all tests, which can be restarted. It asks for passwords. */
export interface SecondServer {
  /** Address of the database `postgres`, as superuser. */
  readonly adminUrl: string;
  createDatabase(): Promise<string>;
  /** Ends all connections; the port stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Refuses this role on connections without encryption from now on. */
  demandEncryption(role: string): Promise<void>;
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
    async demandEncryption(role) {
      const [at] = await query(
        adminUrl,
        `SELECT current_setting('data_directory') AS data, current_setting('hba_file') AS hba`,
      );
      const { data, hba } = at as { data: string; hba: string };
      const [key, certificate] = [path.join(data, 'server.key'), path.join(data, 'server.crt')];
      const subject = '-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost';
      await run('openssl', ['req', ...subject.split(' '), '-keyout', key, '-out', certificate]);
      const { uid, gid } = await stat(path.join(data, 'PG_VERSION'));
      for (const created of [key, certificate]) await chown(created, uid, gid);
      await chmod(key, 0o600);
      await writeFile(hba, `hostnossl all ${role} all reject\n${await readFile(hba, 'utf8')}`);
      await query(adminUrl, 'ALTER SYSTEM SET ssl = on');
      await query(adminUrl, 'SELECT pg_reload_conf()');
    },
    async remove() {
      await stopCluster(stateDir);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
