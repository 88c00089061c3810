import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import getPort, { clearLockedPorts, portNumbers } from 'get-port';
import { createFile } from '../create-file.ts';
import { commandOf } from '../../processes.ts';
import { isAlive } from '../lock-file.ts';
import type { Places } from './places.ts';

const exec = promisify(execFile);

/** Passed on every start, so that new settings reach clusters of older releases. */
const SERVER_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  wal_level: 'logical',
  // a tool that is exported live keeps one of each, and needs two slots while it is switched: enough for 100
  max_wal_senders: '120',
  max_replication_slots: '220',
  max_worker_processes: '140',
  max_logical_replication_workers: '120',
  // the launcher starts a worker at most once per interval; with the default of 5 s, live exports wait
  wal_retrieve_retry_interval: '200ms',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export type ServerSettings = Readonly<Record<string, string>>;

/** Creates the data directory if there is none. Safe for several processes at once: the first rename wins. */
export async function initialise(places: Places): Promise<void> {
  if (await isFile(path.join(places.data, 'PG_VERSION'))) return;
  const password = await superuserPassword(places.passwordFile);
  const partial = `${places.data}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await own(places, partial);
  const temp = await mkdtemp(path.join(tmpdir(), 'generator-platform-'));
  const passwordFile = path.join(temp, 'password');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await own(places, temp);
    await own(places, passwordFile);
    await initdb(places, partial, passwordFile);
    await rename(partial, places.data).catch(async (error: unknown) => {
      if (!(await isFile(path.join(places.data, 'PG_VERSION')))) throw error;
    });
  } finally {
    await rm(temp, { recursive: true, force: true });
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * The built-in locale provider sorts the same on every machine. LC_CTYPE decides which characters pg_trgm treats
 * as letters, so it is Unicode where the system has that locale.
 */
async function initdb(places: Places, data: string, passwordFile: string): Promise<void> {
  const args = (ctype: string) => [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    `--lc-ctype=${ctype}`,
    '--data-checksums',
  ];
  try {
    await run(places, 'initdb', args('C.UTF-8'));
  } catch (error) {
    if (!String((error as { stderr?: unknown }).stderr).includes('locale')) throw error;
    await run(places, 'initdb', args('C'));
  }
}

/** Below the ports that the system gives to connections, one of which could have the server's while it restarts. */
function quietPorts(): Iterable<number> {
  const first = 20_000 + Math.floor(Math.random() * 9_000);
  return portNumbers(first, 29_999);
}

/** Starts the server and returns its port. A running server is unchanged. */
export async function start(places: Places, extra: ServerSettings = {}): Promise<number> {
  const running = await runningPort(places.data);
  if (running !== null) return running;
  const preferred = await readNumber(places.portFile);
  clearLockedPorts(); // a server that stops and starts in one process keeps its port
  const port = await getPort({ host: '127.0.0.1', port: preferred ?? quietPorts() });
  const settings = { ...SERVER_SETTINGS, port: String(port), ...extra };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  const log = path.join(places.data, 'server.log');
  try {
    await run(places, 'pg_ctl', [
      'start',
      '--wait',
      '--timeout=60',
      `--pgdata=${places.data}`,
      `--log=${log}`,
      `--options=${options.join(' ')}`,
    ]);
  } catch (cause) {
    const other = await runningPort(places.data);
    if (other !== null) return other; // another process started it first
    throw new Error(`PostgreSQL did not start. The end of ${log}:\n${await tail(log)}`, { cause });
  }
  await writeFile(places.portFile, `${port}\n`);
  return port;
}

/** Stops the server; returns whether one was running. Ends open sessions; committed data is safe. */
export async function stop(places: Places): Promise<boolean> {
  if ((await runningPort(places.data)) === null) return false;
  await run(places, 'pg_ctl', ['stop', '-w', '-t', '60', '-m', 'fast', '-D', places.data]);
  return true;
}

/** Whether the server has ended and left its postmaster.pid, which a stop removes. */
export async function hasEndedUnexpectedly(places: Places): Promise<boolean> {
  const file = path.join(places.data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  return pid > 0 && !isAlive(pid);
}

/** Port of the server that runs on this data directory, or `null`. Removes a stale postmaster.pid. */
export async function runningPort(data: string): Promise<number | null> {
  const file = path.join(data, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  // A command line that cannot be read counts as PostgreSQL's
  if (isAlive(pid) && ((await commandOf(pid)) ?? 'postgres').includes('postgres'))
    return Number.isInteger(port) && port > 0 ? port : null;
  // After a power failure the pid may belong to another process, and PostgreSQL would refuse to start.
  await rm(file, { force: true });
  return null;
}

/** The password of the superuser, created on first use. Only its owner can read the file. */
export async function superuserPassword(file: string): Promise<string> {
  await createFile(file, `${randomBytes(24).toString('base64url')}\n`);
  return (await readFile(file, 'utf8')).trim();
}

async function run(places: Places, program: 'initdb' | 'pg_ctl', args: readonly string[]): Promise<void> {
  const { account } = places;
  await exec(path.join(places.binaries, 'bin', program), args, {
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    cwd: '/', // the account may not have access to the current folder
    // PGPORT and others would reach the server; messages must be English because they are parsed
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
  });
}

async function own(places: Places, file: string): Promise<void> {
  if (places.account !== null) await chown(file, places.account.uid, places.account.gid);
}

async function readNumber(file: string): Promise<number | null> {
  const value = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(value) && value > 0 ? value : null;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '(the log is empty)');
  return text.split('\n').slice(-15).join('\n');
}
