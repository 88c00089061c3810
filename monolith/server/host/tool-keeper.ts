import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { ToolState } from '../../../contracts/tool-state.ts';
import { createBackOff } from './back-off.ts';
import { describeLoadError } from './load-backend.ts';
import { asUser } from './database/database-address.ts';
import { keepEnvironment } from './keep-environment.ts';
import { startToolProcess, type ToolProcess } from './process/tool-process.ts';
import type { ToolLogin } from './process/messages.ts';
import { findTool, fingerprint, readManifest, type ToolFolder } from './read-tools.ts';
import { setUpDatabase } from './database/set-up-database.ts';

export interface KeeperOptions {
  /** Absolute paths of the repository, of its state and of its secrets. */
  readonly root: string;
  readonly stateDir: string;
  readonly secrets: string;
  /** Address of the platform's database, with the platform's own login. */
  readonly url: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly showDetails: boolean;
  /** Most memory of a tool's process in MiB. */
  readonly memoryMb: number;
  /** Time in milliseconds without a request after which an idle process is stopped. */
  readonly idleMs: number;
  readonly isExported: (toolId: string) => boolean;
  /** Longest time in milliseconds that a request waits for the start of the process. Default: 30 seconds. */
  readonly startWaitMs?: number;
  /** Runs starts of processes, a few at a time. */
  readonly limitStarts: <T>(start: () => Promise<T>) => Promise<T>;
}

/** Why a tool is not served, and when that may have changed. */
export interface ToolProblem {
  readonly message: string;
  /** Seconds until the next start. */
  readonly retryAfter: number;
}

/** Keeps one tool served: prepares its database, starts its process when it is needed, and again when it fails. */
export interface ToolKeeper {
  /**
   * Brings the tool in line with its files. Starts its process if `start` is set, or if one runs of older files.
   * Never throws.
   */
  sync(options: { readonly start: boolean }): Promise<void>;
  /** The process for a request, started if necessary, or the problem. Call `done` when the request has ended. */
  use(): Promise<{ readonly process: ToolProcess; readonly done: () => void } | ToolProblem>;
  problem(): ToolProblem | null;
  state(): ToolState['state'];
  close(): Promise<void>;
}

interface Prepared {
  readonly tool: ToolFolder;
  readonly manifest: Manifest;
  readonly login: ToolLogin;
}

/** Time in milliseconds for requests in flight when a process is replaced or stopped. */
const GRACE_MS = 5_000;
const DRAIN_CHECK_MS = 20;
/** Shorter than a gateway waits for an answer, which would then report that the platform is down. */
const START_WAIT_MS = 30_000;
const IDLE_CHECK_MS = 5_000;
/** Idle time in milliseconds of a process that has served no request. */
const UNUSED_MS = 10_000;

export function createToolKeeper(id: string, logger: ToolLogger, options: KeeperOptions): ToolKeeper {
  const { root, startWaitMs = START_WAIT_MS } = options;
  const temporary = path.join(options.stateDir, 'tool-tmp', id);
  let prepared: Prepared | null = null;
  /** Files of the last attempt to prepare the tool. */
  let seen: string | null = null;
  let current: ToolProcess | null = null;
  let starting: Promise<void> | null = null;
  /** Whether a process is being started. */
  let launching = false;
  let failure: string | null = null;
  const backOff = createBackOff();
  let retry: NodeJS.Timeout | undefined;
  /** Requests in flight by process: one that is replaced finishes its own. */
  const inFlight = new WeakMap<ToolProcess, number>();
  let used = false;
  let lastUse = performance.now();
  let closed = false;

  const fail = (message: string, ranMs: number): void => {
    failure = message;
    const wait = backOff.failed(ranMs);
    clearTimeout(retry);
    if (closed) return;
    retry = setTimeout(() => void sync({ start: true }), wait);
    retry.unref();
  };

  const prepare = async (tool: ToolFolder, exported: boolean): Promise<Prepared> => {
    const manifest = await readManifest(tool);
    await keepEnvironment(options.stateDir, manifest, options.env);
    const database = await setUpDatabase(tool, manifest, {
      ...options,
      exported,
      seeds: options.showDetails,
    });
    for (const { file, reason } of database.skipped)
      logger.warn({ file, reason }, 'sample rows were skipped: correct or delete their file');
    if (database.missing.length > 0 && !exported)
      logger.warn(
        { tables: database.missing },
        'the manifest declares tables that no migration creates: an export will refuse',
      );
    if (database.applied.length > 0) logger.info({ applied: database.applied }, 'migrations applied');
    return {
      tool,
      manifest,
      login: asUser(options.url, database.role, database.password),
    };
  };

  /** Starts a process and lets it take over from the one before it. */
  const start = async (from: Prepared): Promise<void> => {
    const began = performance.now();
    const process = await options.limitStarts(() =>
      startToolProcess({ ...options, ...from, temporary, logger }),
    );
    const before = current;
    if (closed) {
      await process.stop();
      return;
    }
    current = process;
    failure = null;
    used = false;
    const started = (lastUse = performance.now());
    logger.info({ ms: Math.round(started - began) }, before === null ? 'tool started' : 'tool reloaded');
    void process.ended.then((reason) => {
      if (reason !== null) onEnd(process, reason, performance.now() - started);
    });
    await retire(before);
  };

  /** Stops a process when it has answered its requests. */
  const retire = async (process: ToolProcess | null): Promise<void> => {
    if (process === null) return;
    const limit = performance.now() + GRACE_MS;
    while ((inFlight.get(process) ?? 0) > 0 && performance.now() < limit) await delay(DRAIN_CHECK_MS);
    await process.stop();
  };

  const onEnd = (process: ToolProcess, reason: string, ms: number): void => {
    if (current !== process) return;
    current = null;
    logger.error({ uptimeMs: Math.round(ms) }, `the tool failed and is started again: ${reason}`);
    fail(`It failed: ${reason}`, ms);
  };

  const startAndReport = async (from: Prepared): Promise<void> => {
    launching = true;
    try {
      await start(from);
    } catch (error) {
      await report(error);
    } finally {
      launching = false;
    }
  };

  const report = async (error: unknown): Promise<void> => {
    const message = describeLoadError(root, error);
    if (failure !== message) logger.error({ err: error }, `tool does not start: ${message}`);
    fail(message, 0);
    await stop();
  };

  const update = async ({ start: wanted }: { readonly start: boolean }): Promise<void> => {
    const tool = findTool(root, id);
    if (tool === null || closed) {
      await stop();
      return;
    }
    // Part of the fingerprint: after a rollback, migrations written in the meantime are applied
    const exported = options.isExported(id);
    const files = `${await fingerprint(tool)} ${exported}`;
    if (files !== seen) backOff.reset();
    else if (failure !== null && !wanted) return; // its next start is planned
    const changed = files !== seen || failure !== null;
    seen = files;
    if (changed) {
      try {
        prepared = await prepare(tool, exported);
      } catch (error) {
        prepared = null;
        await report(error);
        return;
      }
    }
    if (exported) {
      failure = null;
      await stop();
    } else if (prepared !== null && (current === null ? wanted : changed)) await startAndReport(prepared);
    else failure = null;
  };

  const stop = async (): Promise<void> => {
    const before = current;
    current = null;
    await retire(before);
  };

  /** One update at a time, so that the second of two sees the result of the first. */
  let updating: Promise<void> = Promise.resolve();
  const sync: ToolKeeper['sync'] = (how) => {
    updating = updating
      .then(() => update(how))
      .catch((err: unknown) => {
        // The folder was removed during the update
        if (findTool(root, id) !== null) logger.error({ err }, 'tool could not be read');
      });
    return updating;
  };

  const ensureStarted = (): Promise<void> =>
    (starting ??= sync({ start: true }).finally(() => {
      starting = null;
    }));

  /** For a request. The start continues when the request no longer waits for it. */
  const untilStarted = async (): Promise<void> => {
    const waited = new AbortController();
    const limit = delay(startWaitMs, undefined, { signal: waited.signal }).catch(() => undefined);
    await Promise.race([ensureStarted(), limit]);
    waited.abort();
  };

  const problem = (): ToolProblem | null =>
    failure === null
      ? null
      : { message: failure, retryAfter: Math.max(1, Math.ceil(backOff.remaining() / 1000)) };

  const notRunning = (): ToolProblem =>
    starting === null
      ? { message: 'Its process is not running.', retryAfter: 1 }
      : { message: 'It is still starting, because the machine is busy. Try again.', retryAfter: 5 };

  const idleCheck = setInterval(() => {
    const idle = performance.now() - lastUse > (used ? options.idleMs : UNUSED_MS);
    if (current === null || (inFlight.get(current) ?? 0) > 0 || !idle || current.ownWork()) return;
    logger.info({}, 'tool stopped until its next request');
    void stop();
  }, IDLE_CHECK_MS);
  idleCheck.unref();

  return {
    sync,
    problem,
    state() {
      if (current !== null) return 'running';
      if (failure !== null) return 'failed';
      return launching || starting !== null ? 'starting' : 'stopped';
    },
    async use() {
      if (current === null && failure === null) await untilStarted();
      const process = current;
      if (process === null) return problem() ?? notRunning();
      const count = (by: number): void => void inFlight.set(process, (inFlight.get(process) ?? 0) + by);
      count(1);
      used = true;
      const done = (): void => {
        count(-1);
        lastUse = performance.now();
      };
      return { process, done };
    },
    async close() {
      closed = true;
      clearInterval(idleCheck);
      clearTimeout(retry);
      await updating;
      await stop();
    },
  };
}
