import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { RouteTable } from '../gateway/route-table.ts';

/** `.platform/run/<id>-api.json`: start command of a locally exported service. Written by its export. */
interface ServiceRun {
  readonly args: readonly string[];
  /** Relative to the repository, like `logFile`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly readyUrl: string;
}

export interface SupervisorOptions {
  readonly root: string;
  /** Absolute path of the folder of run files. */
  readonly run: string;
  readonly routes: RouteTable;
  readonly logger: ToolLogger;
}

/**
 * Restarts locally exported services that do not answer, for example after a reboot. Only those with a route:
 * what an interrupted export has left is for its resume or rollback. Returns the ids of the tools.
 */
export async function startMissingServices(options: SupervisorOptions): Promise<readonly string[]> {
  const started: string[] = [];
  for (const name of await readdir(options.run).catch(() => [])) {
    const toolId = /^(.+)-api\.json$/.exec(name)?.[1];
    if (toolId === undefined || options.routes.get(toolId) === undefined) continue;
    try {
      const run = JSON.parse(await readFile(path.join(options.run, name), 'utf8')) as ServiceRun;
      if (await answers(run.readyUrl)) continue;
      await start(options.root, run);
      started.push(toolId);
      options.logger.info({ tool: toolId, log: run.logFile }, 'service of an exported tool restarted');
    } catch (err) {
      options.logger.error({ err, tool: toolId }, 'the service of an exported tool could not be started');
    }
  }
  return started;
}

/** Any answer counts: even a service that is not ready is running. */
async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
}

async function start(root: string, run: ServiceRun): Promise<void> {
  const log = path.resolve(root, run.logFile);
  await mkdir(path.dirname(log), { recursive: true });
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...run.args], {
      cwd: path.resolve(root, run.cwd),
      env: { PATH: path.dirname(process.execPath), ...run.env },
      detached: true,
      stdio: ['ignore', output, output],
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
  } finally {
    closeSync(output);
  }
}
