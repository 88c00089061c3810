import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from '../../../contracts/settings.ts';
import { WEB_APP_HEADERS } from '../../../contracts/web-app-headers.ts';
import { nginxPath, renderNginxGateway } from '../../../templating/nginx-gateway.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import type { GatewayPort } from '../../core/infrastructure-ports.ts';
import { commandOf, listProcesses, parentOf, type RunningProcess } from '../../../registry-api/processes.ts';
import { withCandidate } from './candidate.ts';

export interface NginxPlace {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
}

const RELOAD_TIMEOUT_MS = 10_000;
const FINISH_MS = 3_000;

/** Debian installs nginx in /usr/sbin, which is not on every user's PATH. */
const PLACES = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx'];

/** The nginx of this machine; `null` when nginx is not installed. */
export async function findHostNginx(): Promise<{
  readonly command: string;
  readonly version: string;
} | null> {
  const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
  for (const command of PLACES) {
    const result = await execa(command, ['-v'], { reject: false });
    if (!result.failed) return { command, version: /nginx\/(\S+)/.exec(result.stderr)?.[1] ?? 'unknown' };
  }
  return null;
}

/** The gateway on this machine's nginx, which the platform starts. */
export function hostNginx({ root, settings }: NginxPlace): GatewayPort {
  const state = path.resolve(root, settings.stateDir, 'gateway');
  return {
    async validate(files) {
      const nginx = await findHostNginx();
      if (nginx === null) return { testedBy: null, problem: null };
      const unusable = unusablePath(root, settings);
      if (unusable !== null) return { testedBy: null, problem: null, untested: unusable };
      const problem = await withCandidate({ root, stateDir: settings.stateDir, files }, async (folder) => {
        // Own pid file, logs and ports, so that the test does not disturb the running gateway
        const main = renderNginxGateway(
          {
            folder,
            apps: path.join(root, 'apps'),
            platformPort: settings.port,
            gatewayPort: settings.gatewayPort,
            user: '',
            webAppHeaders: WEB_APP_HEADERS,
            trustedProxies: settings.trustedProxies ?? [],
            tls: null, // the test must not need the key
          },
          { root },
        );
        await mkdir(path.join(folder, 'temp'), { recursive: true });
        await writeFile(path.join(folder, 'nginx.conf'), main);
        const args = ['-t', '-q', '-c', path.join(folder, 'nginx.conf')];
        const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
        const result = await execa(nginx.command, args, { reject: false });
        return result.failed ? problemOf(result.stderr, folder) : null;
      });
      const tester = `nginx ${nginx.version} of this machine`;
      if (problem === null || settings.gateway === 'nginx' || (await findMaster(state)) !== null)
        return { testedBy: tester, problem };
      const untested = `${tester}, which is not the gateway, rejects the route: ${problem}`;
      return { testedBy: null, problem: null, untested };
    },
    async reload() {
      const master = await findMaster(state);
      if (master === null) return 'not-running';
      const before = await workersOf(master);
      process.kill(master, 'SIGHUP');
      await newWorkers(master, before, state);
      await endOf(before, async () => (await childrenOf(master)).map(({ pid }) => pid));
      return 'reloaded';
    },
  };
}

/** Why this machine's nginx cannot be the gateway of this repository; `null` when its paths are none. */
function unusablePath(root: string, { stateDir }: Settings): string | null {
  try {
    for (const folder of [root, path.resolve(root, stateDir)]) nginxPath(folder);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** The errors that nginx reports, with the user's paths and without warnings, which every start as non-root prints. */
export function problemOf(stderr: string, folder: string): string {
  const lines = stderr.split('\n').filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
  return lines
    .map((line) => line.replace(/^.*?\[\w+\]( \d+#\d+:)? /, '').replaceAll(folder, 'gateway'))
    .join('; ');
}

/** The nginx master that runs with the platform's file. Checks the command line, as the pid may have been reused. */
async function findMaster(state: string): Promise<number | null> {
  const pid = Number(await readFile(path.join(state, 'nginx.pid'), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return (await commandOf(pid))?.includes(path.join(state, 'nginx.conf')) === true ? pid : null;
}

/** Workers that accept new connections; those of an earlier configuration are titled 'shutting down'. */
async function workersOf(master: number): Promise<readonly number[]> {
  return (await childrenOf(master))
    .filter(({ command }) => command.includes('worker process') && !command.includes('shutting down'))
    .map(({ pid }) => pid);
}

async function childrenOf(parent: number): Promise<readonly RunningProcess[]> {
  const all = await listProcesses();
  const isChild = await Promise.all(all.map(async ({ pid }) => (await parentOf(pid)) === parent));
  return all.filter((_, i) => isChild[i]);
}

/**
 * Waits until the workers of an earlier configuration have finished their requests, because the service behind them may
 * be stopped next. Waits at most `FINISH_MS`: connections such as event streams stay open.
 */
export async function endOf<T>(workers: readonly T[], alive: () => Promise<readonly T[]>): Promise<void> {
  const deadline = performance.now() + FINISH_MS;
  while (performance.now() < deadline) {
    const now = await alive();
    if (!workers.some((worker) => now.includes(worker))) return;
    await delay(25);
  }
}

async function newWorkers(master: number, before: readonly number[], state: string): Promise<void> {
  const deadline = performance.now() + RELOAD_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const now = await workersOf(master);
    if (now.length > 0 && now.every((pid) => !before.includes(pid))) return;
    await delay(25);
  }
  const log = await readFile(path.join(state, 'error.log'), 'utf8').catch(() => '');
  throw new PlatformError(
    'step-failed',
    `nginx (pid ${master}) did not load its new configuration within ${RELOAD_TIMEOUT_MS / 1000} s. Last lines of ${path.join(state, 'error.log')}:\n${log.trimEnd().split('\n').slice(-5).join('\n')}`,
  );
}
