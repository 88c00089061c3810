import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import getPort, { portNumbers } from 'get-port';
import { makeScratchClone } from '../../dev/scratch-clone.ts';
import type { GateResult } from '../../contracts/gates.ts';
import { parseSettings } from '../../contracts/settings.ts';
import { resolveDatabase, stopEmbedded } from '../../registry-api/store/embedded/index.ts';
import { findWorkspace } from '../../templating/roots.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A platform of its own: a scratch clone with its own database, ports and processes. */
export interface Lab {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly platformUrl: string;
  readonly gatewayUrl: string;
  databaseUrl(): Promise<string>;
  /** `npx gulp ...` in the clone, to its end. */
  gulp(...args: string[]): Promise<CliResult>;
  /** The same with `--silent --json`, parsed. */
  gulpJson(...args: string[]): Promise<{ code: number; report: Report }>;
  /** Starts `npx gulp ...` and gives the process, for those that will be killed. */
  spawnGulp(...args: string[]): ChildProcess;
  run(command: string, ...args: string[]): Promise<CliResult>;
  /** The same with more in its environment. */
  runWith(env: Readonly<Record<string, string>>, command: string, ...args: string[]): Promise<CliResult>;
  spawnWith(env: Readonly<Record<string, string>>, command: string, ...args: string[]): ChildProcess;
  commit(message: string): Promise<void>;
  /** `env` goes beside the lab's own, for this start. */
  startPlatform(env?: Readonly<Record<string, string>>): Promise<void>;
  /** @param signal default: SIGTERM */
  stopPlatform(signal?: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
}

export interface Report {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly jobId?: string;
  readonly findings: readonly {
    code: string;
    severity: string;
    message: string;
    remedy: string;
    file?: string;
  }[];
  readonly changes: readonly { step: string; target: string; summary: string }[];
  readonly steps: readonly { id: string; status: string; ms: number | null }[];
  readonly result?: Record<string, unknown>;
}

/** `gate: outcome` of every gate that a report names, with the details beside. */
export function gatesIn({ result }: Pick<Report, 'result'>): {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, string>>;
} {
  const gates = (result?.['gates'] ?? []) as readonly GateResult[];
  return {
    outcomes: Object.fromEntries(gates.map(({ gate, outcome }) => [gate, outcome])),
    details: Object.fromEntries(gates.map(({ gate, detail = '' }) => [gate, detail])),
  };
}

const START_TIMEOUT_MS = 120_000;

export async function openLab(
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly start?: boolean;
    /** Name of the repository's folder; default: a temporary folder. */
    readonly folder?: string;
  } = {},
): Promise<Lab> {
  const place = await mkdtemp(path.join(tmpdir(), 'platform-lab-'));
  const root = path.join(place, options.folder ?? '');
  const source = findWorkspace(import.meta.dirname); // some tests work in a folder of their own
  await makeScratchClone(source, root);
  const [port, gatewayPort, servicePort] = [await freePort(), await freePort(), await firstServicePort()];
  const env: Record<string, string> = {
    PATH: `${path.join(source, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    HOME: process.env['HOME'] ?? root,
    PLATFORM_PORT: String(port),
    GATEWAY_PORT: String(gatewayPort),
    SERVICE_PORT_FROM: String(servicePort),
    PLATFORM_GATEWAY: 'facade',
    PLATFORM_WEB: 'off', // browser tests have labs of their own
    PLATFORM_ROLLBACK_ABANDONED: 'off', // tests of interrupted exports roll back or resume themselves
    LOG_LEVEL: 'warn',
    NO_COLOR: '1',
    // A suite builds the same source once; a file that runs alone keeps its builds in the lab
    ...inherited('PLATFORM_BUILD_CACHE'),
    ...(await compileCacheOf(root)),
    ...options.env,
  };
  const settings = parseSettings(env);
  let platform: ChildProcess | null = null;
  const lab: Lab = {
    root,
    env,
    platformUrl: `http://127.0.0.1:${port}`,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    databaseUrl: async () => (await resolveDatabase(settings, root)).url,
    gulp: (...args) => finish(spawnIn(root, env, 'gulp', args)),
    async gulpJson(...args) {
      const { code, stdout, stderr } = await finish(
        spawnIn(root, env, 'gulp', [...args, '--silent', '--json']),
      );
      try {
        return { code, report: JSON.parse(stdout) as Report };
      } catch {
        throw new Error(
          `gulp ${args.join(' ')} (exit ${code}) printed no JSON document:\n${stdout}\n${stderr}`,
        );
      }
    },
    spawnGulp: (...args) => spawnIn(root, env, 'gulp', args),
    run: (command, ...args) => finish(spawnIn(root, env, command, args)),
    runWith: (more, command, ...args) => finish(spawnIn(root, { ...env, ...more }, command, args)),
    spawnWith: (more, command, ...args) => spawnIn(root, { ...env, ...more }, command, args),
    async commit(message) {
      await lab.run('git', 'add', '--all');
      const { code, stderr } = await lab.run('git', 'commit', '--quiet', '--allow-empty', '-m', message);
      if (code !== 0) throw new Error(`git commit failed: ${stderr}`);
    },
    async startPlatform(more = {}) {
      platform = spawnIn(root, { ...env, ...more }, 'node', ['monolith/server/platform/server.ts']);
      await untilReady(lab.platformUrl, platform);
    },
    async stopPlatform(signal = 'SIGTERM') {
      const running = platform;
      platform = null;
      if (running === null || hasEnded(running)) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill(signal);
      await ended;
    },
    async close() {
      await lab.stopPlatform();
      await endProcessesOf(root);
      await stopEmbedded(settings, root);
      await rm(place, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  if (options.start !== false) await lab.startPlatform();
  return lab;
}

function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Compiled code of all labs in one cache. With paths relative to the cache's folder, a link from the same place of each
 * clone lets the next lab find what the first has compiled.
 */
async function compileCacheOf(root: string): Promise<Record<string, string>> {
  const shared = process.env['NODE_COMPILE_CACHE'];
  if (shared === undefined) return {};
  const link = path.join(root, 'node_modules/.compiled');
  await symlink(shared, link);
  return { NODE_COMPILE_CACHE: link, NODE_COMPILE_CACHE_PORTABLE: '1' };
}

function spawnIn(
  root: string,
  env: Readonly<Record<string, string>>,
  command: string,
  args: readonly string[],
): ChildProcess {
  return spawn(command, [...args], { cwd: root, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(child: ChildProcess): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 137));
  });
  return { code, stdout, stderr };
}

async function untilReady(url: string, process: ChildProcess): Promise<void> {
  let output = '';
  process.stdout?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8_000)));
  process.stderr?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8_000)));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && !hasEnded(process)) {
    const ready = await fetch(`${url}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
    if (ready) return;
    await delay(100);
  }
  throw new Error(`the platform did not become ready at ${url}:\n${output}`);
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** Services of a lab are detached processes: kills every process that runs from its folder. */
async function endProcessesOf(root: string): Promise<void> {
  const { listProcesses } = await import('../../registry-api/processes.ts');
  for (const { pid, command } of await listProcesses())
    if (pid !== process.pid && command.includes(`${root}/apps/`)) process.kill(pid, 'SIGKILL');
}

/**
 * The same for all labs of one lane of the suite, below the ports that the system gives out: the port is part of an
 * exported service, and the same service need not be built again.
 */
async function firstServicePort(): Promise<number> {
  const lane = process.env['TEST_LANE'];
  return lane === undefined ? freePort() : 18_000 + 100 * Number(lane);
}

/** Below the ports that the system gives to connections: none of them takes it before a test listens on it. */
export const freePort = (): Promise<number> => {
  const first = 20_000 + Math.floor(Math.random() * 9_000);
  return getPort({ host: '127.0.0.1', port: portNumbers(first, 29_999) });
};

export async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}
