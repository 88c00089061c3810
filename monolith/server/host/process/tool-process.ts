import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import inspector from 'node:inspector';
import path from 'node:path';
import type { Manifest } from '../../../../contracts/manifest.ts';
import type { ToolLogger } from '../../../../contracts/tool-context.ts';
import type { Caller } from '../../../../registry-api/auth/principal.ts';
import { declaredValues, pick } from '../keep-environment.ts';
import type { ToolFolder } from '../read-tools.ts';
import { encodeCaller } from './caller-header.ts';
import {
  CALLER_HEADER,
  parseFromTool,
  SECRET_HEADER,
  type ToolLogin,
  type ToolStart,
  type ToToolProcess,
} from './messages.ts';
import { forbiddenLinks, sandboxFlags } from './sandbox.ts';

export interface ToolProcessOptions {
  /** Absolute paths. */
  readonly root: string;
  readonly stateDir: string;
  /** Folder for the tool's temporary files; created if it does not exist. */
  readonly temporary: string;
  readonly tool: ToolFolder;
  readonly manifest: Manifest;
  readonly login: ToolLogin;
  /** Environment of the platform. The tool gets the variables that its manifest declares. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly showDetails: boolean;
  /** Whether the tool may connect to this machine and its database only. */
  readonly offline?: boolean;
  /** Called with the kind of each failure outside a request. The process outlives these; without it they end it. */
  readonly onFailure?: (kind: string) => void;
  /** Most memory of the process in MiB. */
  readonly memoryMb: number;
  readonly logger: ToolLogger;
}

/** The running process of one tool. */
export interface ToolProcess {
  /** Base URL, for example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Headers of a request by this caller. The process refuses requests without them. */
  headers(caller: Caller): Readonly<Record<string, string>>;
  /** Whether the tool does work outside requests, such as a timer. */
  ownWork(): boolean;
  /** Resolves with the reason when the process ends; with `null` after {@link stop}. */
  readonly ended: Promise<string | null>;
  /** Resolves when the process has ended. Cuts requests in flight after a second. Safe to call twice. */
  stop(): Promise<void>;
}

const PROGRAM = path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`);
/** Longest start in milliseconds: loading the tool has a limit of its own, which is shorter. */
const START_MS = 60_000;
/** Longer than a process that is not blocked takes to stop. */
const STOP_MS = 5_000;
const TICK_MS = 1_000;
/** A process that leaves this many pings unanswered in a row is blocked. */
const MISSED_PINGS = 10;
/** Part of the memory that JavaScript objects may take; the rest is for buffers and the runtime. */
const HEAP_PART = 0.75;
/** Variables of the platform that every program may need. */
const PASSED_ON = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'NODE_ENV', 'NODE_EXTRA_CA_CERTS'];

/**
 * Starts the process of a tool and resolves when it answers requests. Its memory and its event loop are watched.
 * @throws Error with the reason, in the words of the tool's own error, when the tool does not start.
 */
export async function startToolProcess(options: ToolProcessOptions): Promise<ToolProcess> {
  const { root, stateDir, tool } = options;
  const [link] = await forbiddenLinks({ root, stateDir, toolId: tool.id });
  if (link !== undefined)
    throw new Error(
      `tools/${tool.id}/${link} is a link to a file that the tool may not read. Replace it by a copy of the file.`,
    );
  const secret = randomBytes(24).toString('base64url');
  const child = spawnTool(options);
  const life = watch(child, options);
  child.send(startMessage(options, secret));
  const port = await life.ready;
  const permissions = new Set(permissionsOf(options.manifest));
  let stopping: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    headers: (caller) => ({
      [SECRET_HEADER]: secret,
      [CALLER_HEADER]: encodeCaller(caller, permissions),
    }),
    ownWork: () => life.ownWork(),
    ended: life.ended,
    stop: () => (stopping ??= life.stop()),
  };
}

/** Every permission that a manifest names. */
export const permissionsOf = ({ permissions, endpoints }: Manifest): readonly string[] =>
  [...new Set([...permissions, ...endpoints.flatMap((endpoint) => endpoint.permissions)])].sort();

function spawnTool(options: ToolProcessOptions): ChildProcess {
  const { root, stateDir, temporary, tool, manifest, env, memoryMb } = options;
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  // Node refuses a debugger inside the permission model
  const debugging = inspector.url() !== undefined;
  return fork(PROGRAM, {
    cwd: root,
    serialization: 'advanced',
    execArgv: [
      ...(debugging
        ? ['--inspect=127.0.0.1:0']
        : sandboxFlags({ root, stateDir, toolId: tool.id, temporary })),
      `--max-old-space-size=${Math.floor(memoryMb * HEAP_PART)}`,
    ],
    env: { ...pick(env, PASSED_ON), ...declaredValues(manifest, env), TMPDIR: temporary },
  });
}

function startMessage(options: ToolProcessOptions, secret: string): ToolStart {
  const { root, tool, manifest, login, env, showDetails, offline = false, onFailure } = options;
  const declared = declaredValues(manifest, env);
  return {
    type: 'start',
    root,
    folder: tool.folder,
    manifest,
    login,
    env: declared,
    showDetails,
    offline,
    outlivesFailures: onFailure !== undefined,
    secret,
  };
}

interface Life {
  readonly ready: Promise<number>;
  readonly ended: Promise<string | null>;
  ownWork(): boolean;
  stop(): Promise<void>;
}

/** Follows a process from its start to its end, and ends it when it is blocked or takes too much memory. */
function watch(child: ChildProcess, { memoryMb, logger, onFailure }: ToolProcessOptions): Life {
  /** Why the process ends, once that is known. */
  let reason: string | null = null;
  let stopped = false;
  let missed = 0;
  let ownWork = true; // until it has said otherwise
  const kill = (why: string): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const send = (message: ToToolProcess): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const startLimit = setTimeout(() => {
    kill(`It did not start within ${START_MS / 1000} seconds.`);
  }, START_MS);
  const tick = (): void => {
    const memory = memoryOf(child.pid);
    if (memory !== null && memory > memoryMb * 1024 * 1024) kill(tooMuchMemory(memoryMb));
    missed += 1;
    if (missed > MISSED_PINGS)
      kill(`It blocked its event loop for ${(MISSED_PINGS * TICK_MS) / 1000} seconds.`);
    send({ type: 'ping' });
  };
  let ticks: NodeJS.Timeout | undefined;

  const ended = new Promise<string | null>((resolve) => {
    child.once('exit', (code, signal) => {
      clearInterval(ticks);
      clearTimeout(startLimit);
      resolve(stopped ? null : (reason ?? endOf(code, signal, memoryMb)));
    });
    child.once('error', (error) => {
      reason ??= `Its process could not be started: ${error.message}`;
      if (child.pid === undefined) resolve(reason);
    });
  });
  const ready = new Promise<number>((resolve, reject) => {
    child.on('message', (sent) => {
      const message = parseFromTool(sent);
      switch (message?.type) {
        case 'ready':
          clearTimeout(startLimit);
          ticks ??= setInterval(tick, TICK_MS);
          resolve(message.port);
          break;
        case 'failed':
          reason ??= message.problem;
          logger.debug({ stack: message.stack }, 'the tool failed');
          break;
        case 'outlived':
          onFailure?.(message.failure);
          break;
        case 'log':
          logger[message.level](message.fields, message.message);
          break;
        case 'pong':
          missed = 0;
          ownWork = message.ownWork;
          if (message.stuck !== null) kill(message.stuck);
          else if (message.memory > memoryMb * 1024 * 1024) kill(tooMuchMemory(memoryMb));
          break;
        case undefined: // not from the host's part of the process
          break;
      }
    });
    void ended.then((why) => {
      reject(new Error(why ?? 'It was stopped while it started.'));
    });
  });
  return {
    ready,
    ended,
    ownWork: () => ownWork,
    async stop() {
      stopped = true;
      clearInterval(ticks);
      send({ type: 'stop' });
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(limit);
    },
  };
}

const tooMuchMemory = (memoryMb: number): string =>
  `It used more than ${memoryMb} MiB of memory. PLATFORM_TOOL_MEMORY sets the limit.`;

function endOf(code: number | null, signal: NodeJS.Signals | null, memoryMb: number): string {
  // V8 aborts a process whose heap is full
  if (signal === 'SIGABRT' || code === 134) return tooMuchMemory(memoryMb);
  return signal === null
    ? `Its process ended with exit code ${code ?? 'unknown'}.`
    : `Its process was ended by ${signal}.`;
}

/** Resident memory of a process in bytes; `null` where the system has no /proc. */
function memoryOf(pid: number | undefined): number | null {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}
