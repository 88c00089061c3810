import { once } from 'node:events';
import path from 'node:path';
import { watch } from 'chokidar';
import closeWithGrace from 'close-with-grace';
import { PlatformError } from '../contracts/errors.ts';
import { parseSettings } from '../contracts/settings.ts';
import { createLogger } from '../monolith/server/platform/logger.ts';
import { startPlatform, type Platform } from '../monolith/server/platform/platform.ts';
import { findTool, readManifest } from '../monolith/server/host/read-tools.ts';
import { findWorkspace } from '../templating/roots.ts';
import type { FromPlatform } from './messages.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const tell = (message: FromPlatform): void => void process.send?.(message);

/** The platform of watch mode: a process of its own, which a change of its code replaces. */
async function main(): Promise<void> {
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const logger = createLogger({ settings, logs: path.resolve(root, settings.stateDir, 'logs'), print });
  const platform = await startPlatform({ root, settings, logger, env: process.env, web: false });
  const watcher = watchTools(root, platform);
  await watcher.ready; // files saved before the first scan ends would be missed
  closeWithGrace({ delay: 10_000, logger: false }, async ({ err }) => {
    if (err !== undefined) logger.error({ err }, 'the platform failed');
    await watcher.close();
    await platform.close();
  });
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM')); // the watcher is gone
  print(
    `Platform on http://localhost:${platform.port}, gateway on http://localhost:${platform.gatewayPort}.`,
  );
  tell({ ready: true, port: platform.port, gatewayPort: platform.gatewayPort });
}

/** Long enough for an editor to write all files of one "save all". */
const SETTLE_MS = 100;

function watchTools(root: string, platform: Platform): { ready: Promise<unknown>; close(): Promise<void> } {
  const tools = path.join(root, 'tools');
  const timers = new Map<string, NodeJS.Timeout>();
  const manifests = new Set<string>();
  const watcher = watch(tools, { ignoreInitial: true, ignored: /node_modules|\.angular/ });
  watcher.on('all', (_event, file) => {
    const [id, part] = path.relative(tools, file).split(path.sep);
    if (id === undefined || part === 'tests') return;
    if (part === 'manifest.json') manifests.add(id);
    if (part === 'frontend') {
      if (file.endsWith('tool.routes.ts')) tell({ ready: false }); // Angular's server sees the rest itself
      return;
    }
    clearTimeout(timers.get(id));
    const timer = setTimeout(() => {
      // A folder that has just been created may report its later files only
      const isNew = platform.host.states().every((tool) => tool.id !== id);
      if (manifests.delete(id) || isNew) void tellRegistry(root, platform, id);
      void reload(platform, id);
    }, SETTLE_MS);
    timers.set(id, timer);
  });
  return { ready: once(watcher, 'ready'), close: () => watcher.close() };
}

/** In development, the manifest on disk wins. */
async function tellRegistry(root: string, platform: Platform, id: string): Promise<void> {
  const tool = findTool(root, id);
  if (tool === null) return;
  try {
    await platform.registry.put(await readManifest(tool));
  } catch (error) {
    // The reload reports an invalid manifest.
    if (error instanceof PlatformError && error.code === 'manifest-invalid') return;
    print(`${id} is not registered: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function reload(platform: Platform, id: string): Promise<void> {
  const started = performance.now();
  const before = platform.host.states().find((tool) => tool.id === id);
  const after = (await platform.host.sync(id)).find((tool) => tool.id === id);
  if (after?.problem === null) print(`${id} is live again (${Math.round(performance.now() - started)} ms)`);
  if ((before === undefined) !== (after === undefined)) tell({ ready: false });
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof PlatformError ? error.message : String((error as Error).stack)}\n`,
  );
  process.exit(error instanceof PlatformError ? error.exitCode : 1);
});
