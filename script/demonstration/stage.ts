import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';
import pg from 'pg';
import { parseSettings } from '../../contracts/settings.ts';
import { makeScratchClone } from '../../dev/scratch-clone.ts';
import { listProcesses } from '../../registry-api/processes.ts';
import { resolveDatabase, stopEmbedded } from '../../registry-api/store/embedded/index.ts';
import { restoreCaches, saveCaches } from './caches.ts';
import { createShell, type Shell } from './commands.ts';

const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;

/** A clone of the repository with a platform of its own. */
export interface Stage {
  readonly root: string;
  readonly shell: Shell;
  readonly platformUrl: string;
  readonly gatewayUrl: string;
  startPlatform(onLine: (line: string) => void): Promise<void>;
  git(...args: string[]): Promise<string>;
  /** Rows of a query in the platform's database server. */
  query(sql: string, ...parameters: string[]): Promise<readonly Record<string, unknown>[]>;
  /** Processes of the clone: platform, services, gateway, database. */
  processes(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Removes an earlier demonstration at `root`, and sets up the next. */
export async function openStage(
  source: string,
  root: string,
  show: (line: string) => void,
  signal: AbortSignal,
): Promise<Stage> {
  const env: NodeJS.ProcessEnv = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' };
  for (const name of Object.keys(env))
    if (/^(?:PLATFORM_|DATABASE_URL$|NODE_ENV$|npm_)/.test(name)) delete env[name]; // eslint-disable-line @typescript-eslint/no-dynamic-delete
  await clear(root, env);
  await makeScratchClone(source, root);
  await restoreCaches(root);
  const port = await getPort({ port: 3000, host: '127.0.0.1' });
  const gatewayPort = await getPort({ port: 8080, host: '127.0.0.1' });
  Object.assign(env, {
    PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
    PLATFORM_PORT: String(port),
    GATEWAY_PORT: String(gatewayPort),
    INIT_CWD: root,
  });
  const settings = parseSettings(env);
  let platform: ChildProcess | null = null;
  const shell = createShell(root, env, show, signal);
  const stage: Stage = {
    root,
    shell,
    platformUrl: `http://localhost:${String(port)}`,
    gatewayUrl: `http://localhost:${String(gatewayPort)}`,
    async startPlatform(onLine) {
      const log = path.join(root, '.platform/logs/demo-platform.log');
      await mkdir(path.dirname(log), { recursive: true });
      const output = openSync(log, 'w', 0o600);
      // A later run finds a kept platform by the full path in its command line
      platform = spawn('node', [path.join(root, 'monolith/server/platform/server.ts')], {
        cwd: root,
        env,
        stdio: ['ignore', output, output],
        detached: true,
      });
      await once(platform, 'spawn');
      platform.unref();
      closeSync(output);
      await untilReady(stage.platformUrl, platform, log, onLine, signal);
    },
    async git(...args) {
      const { code, output } = await shell.quietly('git', ...args);
      if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`);
      return output.trim();
    },
    async query(sql, ...parameters) {
      const client = new pg.Client({ connectionString: (await resolveDatabase(settings, root)).url });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql, parameters)).rows;
      } finally {
        await client.end();
      }
    },
    processes: () => processesOf(root),
    stop: () => clear(root, env, false),
  };
  return stage;
}

/** Stops every process of the clone, and deletes the clone unless `remove` is false. Safe without a clone. */
async function clear(root: string, env: NodeJS.ProcessEnv, remove = true): Promise<void> {
  await endAll(root, 'SIGTERM', (command) => command.includes('monolith/server/platform/server.ts'));
  await endAll(root, 'SIGTERM', (command) => !isPostgres(command));
  await stopEmbedded(parseSettings(env), root).catch(() => false); // there is none, or no clone at all
  await endAll(root, 'SIGKILL', () => true);
  if (!remove) return;
  await saveCaches(root);
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}

const isPostgres = (command: string): boolean => /(^|\/)postgres(:|\s|$)/.test(command);

async function endAll(
  root: string,
  name: NodeJS.Signals,
  which: (command: string) => boolean,
): Promise<void> {
  const find = async (): Promise<readonly number[]> =>
    (await listProcesses()).filter((p) => isOf(root, p) && which(p.command)).map((p) => p.pid);
  for (const pid of await find())
    try {
      process.kill(pid, name);
    } catch {
      // gone already
    }
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while ((await find()).length > 0 && Date.now() < deadline) await delay(100);
}

const processesOf = async (root: string): Promise<readonly string[]> =>
  (await listProcesses()).filter((p) => isOf(root, p)).map((p) => `${String(p.pid)} ${p.command}`);

/** Programs that a platform starts. An editor with an open file of the clone must not be stopped. */
const OURS = /^(?:\S*\/)?(?:node|nginx|postgres)\b/;

const isOf = (root: string, { pid, command }: { pid: number; command: string }): boolean =>
  pid !== process.pid && OURS.test(command) && command.includes(`${root}/`);

async function untilReady(
  url: string,
  child: ChildProcess,
  log: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const started = Date.now();
  let told = started;
  while (Date.now() - started < START_TIMEOUT_MS && child.exitCode === null) {
    signal.throwIfAborted();
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(200);
    if (Date.now() - told < 10_000) continue;
    told = Date.now();
    onLine(`still starting, ${String(Math.round((told - started) / 1000))} s`);
  }
  throw new Error(
    `the platform is not ready at ${url}. Its log:\n${(await readFile(log, 'utf8')).slice(-4_000)}`,
  );
}
