import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Settings } from '../../../contracts/settings.ts';
import { renderNginxGateway } from '../../../templating/nginx-gateway.ts';
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

/** Where Debian and others put it, which is not on every user's PATH. */
const PLACES = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx'];

/** The nginx of this machine. `null`: there is none. */
export async function findHostNginx(): Promise<{
  readonly command: string;
  readonly version: string;
} | null> {
  for (const command of PLACES) {
    const result = await execa(command, ['-v'], { reject: false });
    if (!result.failed) return { command, version: /nginx\/(\S+)/.exec(result.stderr)?.[1] ?? 'unknown' };
  }
  return null;
}

/** The gateway as this machine's own nginx, which the platform starts. */
export function hostNginx({ root, settings }: NginxPlace): GatewayPort {
  const state = path.resolve(root, settings.stateDir, 'gateway');
  return {
    async validate(files) {
      const nginx = await findHostNginx();
      if (nginx === null) return { testedBy: null, problem: null };
      const problem = await withCandidate({ root, stateDir: settings.stateDir, files }, async (folder) => {
        // Its own pid file, logs and ports: testing must not disturb the gateway that runs
        const main = renderNginxGateway(
          {
            folder,
            apps: path.join(root, 'apps'),
            platformPort: settings.port,
            gatewayPort: settings.gatewayPort,
            user: '',
          },
          { root },
        );
        await mkdir(path.join(folder, 'temp'), { recursive: true });
        await writeFile(path.join(folder, 'nginx.conf'), main);
        const args = ['-t', '-q', '-c', path.join(folder, 'nginx.conf')];
        const result = await execa(nginx.command, args, { reject: false });
        return result.failed ? problemOf(result.stderr, folder) : null;
      });
      return { testedBy: `nginx ${nginx.version} of this machine`, problem };
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

/** nginx's own words, with paths as the user knows them and without what it says of every start as another user. */
export function problemOf(stderr: string, folder: string): string {
  const lines = stderr.split('\n').filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
  return lines
    .map((line) => line.replace(/^.*?\[\w+\]( \d+#\d+:)? /, '').replaceAll(folder, 'gateway'))
    .join('; ');
}

/** The master that runs with the platform's file; a pid that was given to another process since does not count. */
async function findMaster(state: string): Promise<number | null> {
  const pid = Number(await readFile(path.join(state, 'nginx.pid'), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return (await commandOf(pid))?.includes(path.join(state, 'nginx.conf')) === true ? pid : null;
}

/** Workers that take new connections: those of an earlier configuration say that they are shutting down. */
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
 * Waits for workers of an earlier configuration to finish what they have taken: what they still lead to may be stopped
 * next. A connection that stays open, such as a stream of events, is not waited for beyond `FINISH_MS`.
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
    `nginx (pid ${master}) did not take its new configuration within ${RELOAD_TIMEOUT_MS / 1000} s. Last lines of ${path.join(state, 'error.log')}:\n${log.trimEnd().split('\n').slice(-5).join('\n')}`,
  );
}
