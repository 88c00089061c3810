import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { commandOf } from '../../../registry-api/processes.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { WEB_APP_HEADERS } from '../../../contracts/web-app-headers.ts';
import { createBackOff } from '../host/back-off.ts';
import { renderNginxGateway, type NginxGatewayPlace } from '../../../templating/nginx-gateway.ts';

export interface NginxGatewayOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
  /** Port of the platform. */
  readonly platformPort: number;
  readonly gatewayPort: number;
  readonly log: (line: string) => void;
  /** Whether services see no cookies at all; default: all but those of the platform. */
  readonly hidesCookies?: boolean;
}

export interface NginxGateway {
  readonly kind: 'nginx';
  /** Why the gateway does not answer; `null` when it does. */
  problem(): string | null;
  /** Finishes requests in flight. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts nginx as the gateway and resolves once it answers. Starts it again when it ends unexpectedly. Returns `null` for
 * the facade: nginx is not installed, or (with `auto`) rejects the configuration, which is logged.
 * @throws PlatformError when nginx is required and cannot serve.
 */
export async function startNginxGateway(options: NginxGatewayOptions): Promise<NginxGateway | null> {
  const { settings, log } = options;
  const { gateway, gatewayTls = null } = settings;
  if (gateway === 'facade' && gatewayTls === null) return null;
  if (gateway === 'facade')
    throw new PlatformError(
      'engine-unavailable',
      'GATEWAY_TLS_CERTIFICATE is set, but only nginx ends TLS. Set PLATFORM_GATEWAY=nginx, or remove GATEWAY_TLS_*.',
    );
  const required = gateway === 'nginx' || gatewayTls !== null;
  const command = await findNginx();
  if (command === null) {
    if (!required) return null;
    throw new PlatformError(
      'engine-unavailable',
      gatewayTls === null
        ? 'PLATFORM_GATEWAY=nginx, but nginx is not on the PATH. Install nginx, or set PLATFORM_GATEWAY=facade.'
        : 'GATEWAY_TLS_CERTIFICATE is set, but nginx is not on the PATH. Install nginx, or remove GATEWAY_TLS_*.',
    );
  }
  try {
    return await start(command, options);
  } catch (error) {
    if (required) throw error;
    log(`nginx is not used as the gateway: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

async function start(command: string, options: NginxGatewayOptions): Promise<NginxGateway> {
  const folder = path.resolve(options.root, options.settings.stateDir, 'gateway');
  const file = path.join(folder, 'nginx.conf');
  await prepareFolder(folder, options);
  await test(command, file);
  await endStaleNginx(folder);
  const launch = async (): Promise<ChildProcess> => {
    // A group of its own, so that workers can be ended when their master has died
    const child = spawn(command, ['-c', file, '-g', 'daemon off;'], { stdio: 'ignore', detached: true });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    await answering(child, options.gatewayPort, folder);
    return child;
  };
  return keepRunning(await launch(), launch, options.log);
}

function keepRunning(
  first: ChildProcess,
  launch: () => Promise<ChildProcess>,
  log: (line: string) => void,
): NginxGateway {
  const backOff = createBackOff();
  let child = first;
  let problem: string | null = null;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let restarting = Promise.resolve();

  const restartLater = (ranMs: number, why: string): void => {
    if (stopping) return;
    problem = `nginx, the gateway, ${why}`;
    const wait = backOff.failed(ranMs);
    log(`${problem}. It is started again in ${wait / 1000} s.`);
    timer = setTimeout(() => {
      restarting = restart();
    }, wait);
  };
  const restart = async (): Promise<void> => {
    endGroup(child);
    try {
      child = await launch();
      watch();
      problem = null;
      log('nginx, the gateway, answers again.');
    } catch (error) {
      restartLater(0, `does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const watch = (): void => {
    const startedAt = performance.now();
    child.once('exit', (code, signal) => {
      restartLater(performance.now() - startedAt, `has ended (${signal ?? `exit code ${code ?? '?'}`})`);
    });
  };
  watch();
  return {
    kind: 'nginx',
    problem: () => problem,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await restarting;
      await stop(child);
    },
  };
}

/** Ends the workers of a master that was killed: they would keep the port. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // there are none
  }
}

async function prepareFolder(folder: string, options: NginxGatewayOptions): Promise<void> {
  await mkdir(path.join(folder, 'temp'), { recursive: true });
  for (const name of ['shared', 'conf.d', 'upstreams.d']) {
    const target = path.join(options.root, 'gateway', name);
    await mkdir(target, { recursive: true });
    await rm(path.join(folder, name), { recursive: true, force: true });
    await symlink(target, path.join(folder, name), 'dir');
  }
  const text = renderNginxGateway(
    {
      folder,
      apps: path.join(options.root, 'apps'),
      platformPort: options.platformPort,
      gatewayPort: options.gatewayPort,
      user: workerUser(),
      hidesCookies: options.hidesCookies ?? false,
      ...placeOf(options.settings, options.root),
    },
    { root: options.root },
  );
  await writeFileAtomic(path.join(folder, 'nginx.conf'), text);
}

/** What the gateway's configuration takes from the settings. */
function placeOf(
  { trustedProxies = [], gatewayTls = null, host }: Settings,
  root: string,
): Pick<NginxGatewayPlace, 'trustedProxies' | 'tls' | 'webAppHeaders'> {
  const tls = gatewayTls && {
    host,
    port: gatewayTls.port,
    certificate: path.resolve(root, gatewayTls.certificate),
    key: path.resolve(root, gatewayTls.key),
  };
  return { trustedProxies, tls, webAppHeaders: WEB_APP_HEADERS };
}

/** Without a `user` line, root starts workers as the system user `nobody`, who cannot read a private folder. */
function workerUser(): string {
  if (process.getuid?.() !== 0) return '';
  return process.platform === 'darwin' ? 'root wheel' : `${userInfo().username} root`;
}

/** Location on Debian and others, which is not on the PATH of every user. */
async function findNginx(): Promise<string | null> {
  for (const command of ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx'])
    if ((await run(command, ['-v'])) === null) return command;
  return null;
}

async function test(command: string, file: string): Promise<void> {
  const problem = await run(command, ['-t', '-q', '-c', file]);
  if (problem !== null) throw new PlatformError('step-failed', `nginx -t refuses ${file}: ${problem}`);
}

/** The error, or `null`. */
function run(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, [...args], (error, _stdout, stderr) =>
      resolve(error === null ? null : stderr.trim() || error.message),
    );
  });
}

/** Stops the nginx that a killed platform left in `folder`, and reuses its port. */
export async function endStaleNginx(folder: string): Promise<void> {
  const pid = Number(await readFile(path.join(folder, 'nginx.pid'), 'utf8').catch(() => ''));
  if (pid <= 0 || !(await isGateway(pid, path.join(folder, 'nginx.conf')))) return;
  process.kill(pid, 'SIGTERM');
  for (let i = 0; i < 100 && (await isGateway(pid, path.join(folder, 'nginx.conf'))); i++) await delay(50);
}

/** The pid may belong to another process, so checks its command line for our configuration file. */
async function isGateway(pid: number, file: string): Promise<boolean> {
  const command = (await commandOf(pid)) ?? '';
  return command.includes('nginx') && command.includes(file);
}

async function answering(child: ChildProcess, port: number, folder: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${port}/__gateway/health`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(50);
  }
  await stop(child);
  const log = await readFile(path.join(folder, 'error.log'), 'utf8').catch(() => '');
  const last = log.trimEnd().split('\n').slice(-3).join('\n');
  throw new PlatformError('step-failed', `nginx did not start on port ${port}. The end of its log:\n${last}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGQUIT');
  const timer = setTimeout(() => child.kill('SIGTERM'), 5_000);
  await ended;
  clearTimeout(timer);
}
