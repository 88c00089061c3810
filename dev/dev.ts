import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { watch } from 'chokidar';
import { PlatformError } from '../contracts/errors.ts';
import { toolIdProblem } from '../contracts/ids.ts';
import { parseSettings, SettingsError } from '../contracts/settings.ts';
import { freePort } from '../monolith/server/platform/listen.ts';
import { runningPlatform } from '../monolith/server/platform/run-file.ts';
import { findWorkspace, packageOf, programOf } from '../templating/roots.ts';
import type { FromPlatform } from './messages.ts';
import { startNg, type Ng } from './ng.ts';

/** Code of the platform itself: a change needs a new process. Tools are reloaded inside the running one. */
const PLATFORM_CODE = ['contracts', 'registry-api', 'monolith/server', 'migrations', 'templating'];

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Watch mode: the platform on its port, started anew when its own code changes; tools live again as soon as they
 * are saved; the dashboard on a port of its own, with live reload.
 */
async function main(): Promise<void> {
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const stateDir = path.resolve(root, settings.stateDir);
  const running = await runningPlatform(stateDir);
  if (running !== null)
    throw new PlatformError(
      'port-taken',
      `The platform runs already, at http://localhost:${running.port} (process ${running.pid}). Stop it first: kill ${running.pid}`,
    );
  const webPort = await freePort({
    host: settings.host,
    port: settings.webPort,
    fixed: settings.fixedPorts?.includes('WEB_PORT') ?? false,
    what: 'dashboard',
    variable: 'WEB_PORT',
  });

  let ng: Ng | null = null;
  /** Ports of the first start: the dashboard and its pages know them. */
  let ports: Record<string, string> = {};
  let stopping = false;
  let platform = startPlatform();
  let restart: NodeJS.Timeout | undefined;

  function startPlatform(): ChildProcess {
    const child = fork(programOf(root, 'dev/platform'), {
      cwd: root,
      env: { ...process.env, ...ports, WEB_PORT: String(webPort) },
    });
    child.on('message', (message: FromPlatform) => {
      if (!message.ready) {
        ng?.refresh();
        return;
      }
      ports = { PLATFORM_PORT: String(message.port), GATEWAY_PORT: String(message.gatewayPort) };
      if (ng === null)
        print(`Dashboard on http://localhost:${webPort}${pageOf(root, process.env['INIT_CWD'])}.`);
      ng ??= startNg({
        root,
        stateDir,
        host: settings.host,
        port: webPort,
        platformPort: message.port,
        print,
      });
    });
    child.once('exit', (code) => {
      if (stopping) return;
      if (ng === null) void stop(code ?? 1);
      else print('The platform has stopped. It starts again with the next change.');
    });
    return child;
  }

  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearTimeout(restart);
    await Promise.all([watcher.close(), ng?.stop(), end(platform)]);
    process.exit(code);
  };

  const watcher = watch(
    [...PLATFORM_CODE.map((folder) => path.join(packageOf(root), folder)), path.join(root, 'shared')],
    { ignoreInitial: true, ignored: (file) => /node_modules|\.test\.ts$/.test(file) },
  );
  watcher.on('all', (_event, file) => {
    clearTimeout(restart);
    restart = setTimeout(() => {
      print(`${path.relative(root, file)} changed: the platform starts anew.`);
      void replacePlatform();
    }, 100);
  });
  const replacePlatform = async (): Promise<void> => {
    const before = platform;
    before.removeAllListeners('exit');
    await end(before);
    if (!stopping) platform = startPlatform();
  };

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
}

/** `npm run dev` inside `tools/<id>/` is about that tool. */
function pageOf(root: string, startedIn: string | undefined): string {
  const inside = path.relative(path.join(root, 'tools'), startedIn ?? root).split(path.sep)[0] ?? '';
  return toolIdProblem(inside) === null ? `/tools/${inside}` : '/tools';
}

/** Stops a child process and waits for its exit. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

main().catch((error: unknown) => {
  const known = error instanceof PlatformError || error instanceof SettingsError;
  process.stderr.write(`${known ? error.message : String((error as Error).stack)}\n`);
  process.exit(error instanceof PlatformError ? error.exitCode : error instanceof SettingsError ? 2 : 1);
});
