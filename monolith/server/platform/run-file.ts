import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { PlatformError } from '../../../contracts/errors.ts';
import { LIVENESS_PATH } from '../../../contracts/platform-addresses.ts';

/** `.platform/run/platform.json`: the address of the running platform of a repository. */
export interface PlatformRun {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly gatewayPort: number;
  readonly gateway: 'nginx' | 'facade';
  readonly mode: 'development' | 'production';
  readonly startedAt: string;
  /** Server and name of its database; `null`: the embedded one. */
  readonly database: string | null;
}

const fileOf = (stateDir: string): string => path.join(stateDir, 'run', 'platform.json');

/** The running platform of this state folder, or `null`. Ignores a stale file after a crash. */
export async function runningPlatform(stateDir: string): Promise<PlatformRun | null> {
  const text = await readFile(fileOf(stateDir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const run = JSON.parse(text) as PlatformRun;
    process.kill(run.pid, 0);
    // The pid may belong to another process: only the platform answers at its address.
    const answer = await fetch(`http://${run.host}:${run.port}${LIVENESS_PATH}`, {
      signal: AbortSignal.timeout(2_000),
    });
    return answer.ok ? run : null;
  } catch {
    return null;
  }
}

/** @throws PlatformError `port-taken` when the platform of this state folder is running. */
export async function refuseSecondPlatform(stateDir: string): Promise<void> {
  const run = await runningPlatform(stateDir);
  if (run === null) return;
  throw new PlatformError(
    'port-taken',
    `The platform of this workspace is already running at http://localhost:${run.port} (process ${run.pid}). ` +
      `To restart it, stop it first: kill ${run.pid}`,
  );
}

export async function writeRunFile(stateDir: string, run: PlatformRun): Promise<void> {
  await mkdir(path.join(stateDir, 'run'), { recursive: true });
  await writeFileAtomic(fileOf(stateDir), `${JSON.stringify(run, null, 2)}\n`);
}

export async function removeRunFile(stateDir: string): Promise<void> {
  await rm(fileOf(stateDir), { force: true });
}
