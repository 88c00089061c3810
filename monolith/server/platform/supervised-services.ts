import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import writeFileAtomic from 'write-file-atomic';
import type { Settings } from '../../../contracts/settings.ts';
import { authModeOf } from '../../../contracts/tokens.ts';
import { listProcesses } from '../../../registry-api/processes.ts';
import type { RouteTable } from '../gateway/route-table.ts';
import { createBackOff, type BackOff } from '../host/back-off.ts';

/** `.platform/run/<id>-api.json`: start command of a locally exported service. Written by its export. */
interface ServiceRun {
  readonly args: readonly string[];
  /** Relative to the repository, like `logFile`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables that the tool declares: taken from the environment of the platform. */
  readonly passEnv?: readonly string[];
  readonly logFile: string;
  readonly readyUrl: string;
}

export interface SupervisorOptions {
  readonly root: string;
  /** Absolute path of the folder of run files. */
  readonly run: string;
  readonly routes: Pick<RouteTable, 'get'>;
  readonly logger: ToolLogger;
  /** Mode of the platform, which its services follow. */
  readonly mode: Settings['mode'];
  /** Port of the platform, where its services fetch the keys. */
  readonly port: number;
  /** Environment of the platform. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest time in milliseconds without an answer before a running service is ended and started again. */
  readonly hungMs?: number;
}

/** Keeps the services of locally exported tools running. */
export interface ServiceSupervisor {
  /**
   * Starts services that do not run, and ends those that run but have not answered for a while. Only those with a
   * route: processes of an interrupted export are up to its resume or rollback. Returns the ids of the started ones.
   */
  check(): Promise<readonly string[]>;
}

const ANSWER_MS = 3_000;
/** A start under load, or a stop that finishes its requests, takes less. */
const HUNG_MS = 30_000;

/** What is known of one service since the platform has started. */
interface Watch {
  readonly backOff: BackOff;
  startedAt: number;
  /** When it was first found not to answer (`performance.now()`). */
  silentSince: number | null;
}

export function superviseServices(options: SupervisorOptions): ServiceSupervisor {
  const { root, run: folder, routes, logger, mode, port, hungMs = HUNG_MS } = options;
  const watches = new Map<string, Watch>();

  const checkOne = async (toolId: string, file: string): Promise<boolean> => {
    const run = JSON.parse(await readFile(file, 'utf8')) as ServiceRun;
    const watch = watches.get(toolId) ?? { backOff: createBackOff(), startedAt: 0, silentSince: null };
    watches.set(toolId, watch);
    if (await followPlatform(file, run, { mode, port })) {
      logger.warn(
        { tool: toolId, mode, port },
        'the service is started again with the settings of the platform',
      );
      for (const pid of await processesOf(run)) kill(pid);
      return checkOne(toolId, file);
    }
    if (await answers(run.readyUrl)) {
      watch.silentSince = null;
      return false;
    }
    const now = performance.now();
    const pids = await processesOf(run);
    if (pids.length > 0) {
      watch.silentSince ??= now;
      if (now - watch.silentSince < hungMs) return false;
      logger.error({ tool: toolId, pids }, 'the service of an exported tool does not answer and is ended');
      for (const pid of pids) kill(pid);
    }
    watch.silentSince = null;
    if (watch.backOff.remaining() > 0) return false;
    // A rollback removes the file first, and then ends the process
    if (!existsSync(file) || routes.get(toolId) === undefined) return false;
    const pid = await start(root, run, options.env);
    if (!existsSync(file)) kill(pid);
    watch.backOff.failed(now - watch.startedAt);
    watch.startedAt = now;
    logger.warn(
      { tool: toolId, log: run.logFile },
      'the service of an exported tool was down and is started again',
    );
    return true;
  };

  return {
    async check() {
      const started: string[] = [];
      for (const name of await readdir(folder).catch(() => [])) {
        const toolId = /^(.+)-api\.json$/.exec(name)?.[1];
        if (toolId === undefined || routes.get(toolId) === undefined) continue;
        try {
          if (await checkOne(toolId, path.join(folder, name))) started.push(toolId);
        } catch (err) {
          if (existsSync(path.join(folder, name)))
            logger.error({ err, tool: toolId }, 'the service of an exported tool could not be started');
        }
      }
      return started;
    },
  };
}

/**
 * Makes a service require tokens exactly when the platform does, and fetch the keys where it answers: the platform may have been
 * started in another mode or on another port since the export. Returns whether its run file has changed.
 */
async function followPlatform(
  file: string,
  run: ServiceRun,
  { mode, port }: Pick<SupervisorOptions, 'mode' | 'port'>,
): Promise<boolean> {
  const followed = Object.entries(run.env).map(([name, value]) => {
    if (name === 'AUTH_MODE') return [name, authModeOf(mode)];
    return [name, PLATFORM_ADDRESSES.includes(name) ? atPort(value, port) : value];
  });
  const env = Object.fromEntries(followed) as ServiceRun['env'];
  if (isDeepStrictEqual(env, run.env)) return false;
  await writeFileAtomic(file, `${JSON.stringify({ ...run, env }, null, 2)}\n`, { mode: 0o600 });
  return true;
}

/** As `tokenEnvironment` of contracts/tokens.ts sets them. */
const PLATFORM_ADDRESSES: readonly string[] = ['PLATFORM_SERVICE_URL', 'PLATFORM_JWKS_URL'];

function atPort(address: string, port: number): string {
  const url = URL.parse(address);
  if (url === null || url.port === String(port)) return address;
  url.port = String(port);
  // The address had no slash at its end, which a path of its own would begin with
  return address.endsWith('/') ? url.href : url.href.replace(/\/$/, '');
}

/** Any answer counts: even a service that is not ready is running. */
async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    () => true,
    () => false,
  );
}

/** The absolute path of its entry file tells a service from those of other clones. */
async function processesOf({ args: [entry = ''] }: ServiceRun): Promise<readonly number[]> {
  const all = await listProcesses();
  return all.filter(({ command }) => command.includes(entry)).map(({ pid }) => pid);
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

async function start(
  root: string,
  run: ServiceRun,
  env: SupervisorOptions['env'],
): Promise<number | undefined> {
  const log = path.resolve(root, run.logFile);
  await mkdir(path.dirname(log), { recursive: true });
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...run.args], {
      cwd: path.resolve(root, run.cwd),
      env: {
        PATH: path.dirname(process.execPath),
        ...Object.fromEntries((run.passEnv ?? []).map((name) => [name, env[name]])),
        ...run.env,
      },
      detached: true,
      stdio: ['ignore', output, output],
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return child.pid;
  } finally {
    closeSync(output);
  }
}
