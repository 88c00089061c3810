import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { freePort } from './lab.ts';
import { packPackage, type PackedPackage } from './packed-package.ts';

/** A folder outside this repository, with the packed package and nothing else of it. */
export interface Outside {
  readonly folder: string;
  readonly packed: PackedPackage;
  readonly platformUrl: string;
  readonly gatewayUrl: string;
  /** Absolute path of the workspace, which the tests make. */
  readonly workspace: string;
  /** Runs a command to its end in a folder, by default the workspace. Fails with its output unless it exits with `code`. */
  run(
    command: string,
    args: readonly string[],
    options?: { readonly cwd?: string; readonly code?: number; readonly asRoot?: boolean },
  ): Promise<string>;
  /** Gives the workspace to the user that later commands run as. */
  handOver(): Promise<void>;
  /** `npm start`, until the platform is ready; returns what it printed. */
  start(): Promise<string>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A user that owns nothing on the machine. */
const USER = 1000;
const START_MS = 180_000;

/**
 * Opens such a folder. Where the tests run as root, packages are installed by root, from the cache of its npm, and
 * everything else runs as an ordinary user.
 */
export async function openOutside(): Promise<Outside> {
  const folder = await mkdtemp(path.join(tmpdir(), 'outside-'));
  const packed = await packPackage(folder);
  const workspace = path.join(folder, 'acme');
  const home = path.join(folder, 'home');
  await mkdir(home);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await execa('chown', [String(USER), folder, home]);
  const [port, gatewayPort, servicePort] = [await freePort(), await freePort(), await freePort()];
  const env = (asRoot: boolean): Record<string, string> => ({
    PATH: pathOfMachine(),
    HOME: asRoot ? (process.env['HOME'] ?? home) : home,
    PLATFORM_PORT: String(port),
    GATEWAY_PORT: String(gatewayPort),
    SERVICE_PORT_FROM: String(servicePort),
    PLATFORM_GATEWAY: 'facade',
    NO_COLOR: '1',
    NO_UPDATE_NOTIFIER: '1',
    CI: 'true',
  });
  const userOf = (asRoot: boolean): object => (isRoot && !asRoot ? { uid: USER, gid: USER } : {});
  let platform: ChildProcess | null = null;
  const outside: Outside = {
    folder,
    packed,
    workspace,
    platformUrl: `http://127.0.0.1:${port}`,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    async run(command, args, { cwd = workspace, code = 0, asRoot = false } = {}) {
      const { exitCode, all } = await execa(command, [...args], {
        cwd,
        env: env(asRoot),
        extendEnv: false,
        reject: false,
        all: true,
        stdin: 'ignore',
        ...userOf(asRoot),
      });
      if (exitCode !== code)
        throw new Error(`${command} ${args.join(' ')}: exit code ${String(exitCode)}, not ${code}\n${all}`);
      return all;
    },
    async handOver() {
      if (isRoot) await execa('chown', ['-R', `${USER}:${USER}`, workspace]);
    },
    async start() {
      const child = spawn('npm', ['start'], {
        cwd: workspace,
        env: env(false),
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        ...userOf(false),
      });
      platform = child;
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      const deadline = Date.now() + START_MS;
      while (!output.includes('Ready.')) {
        if (child.exitCode !== null || Date.now() > deadline)
          throw new Error(`the platform did not start:\n${output}`);
        await delay(100);
      }
      return output;
    },
    async stop() {
      const running = platform;
      platform = null;
      if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise((resolve) => running.once('close', resolve));
      process.kill(-running.pid, 'SIGTERM'); // npm's process group: the platform is npm's child
      await ended;
    },
    async close() {
      await outside.stop();
      await outside.run('npx', ['gulp', 'db:stop', '--silent']).catch(() => undefined);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return outside;
}

/** The machine's own programs, without those of this repository's packages. */
function pathOfMachine(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.filter((folder) => !folder.includes('node_modules')).join(path.delimiter);
}
