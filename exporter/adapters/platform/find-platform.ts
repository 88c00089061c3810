import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LIVENESS_PATH } from '../../../contracts/platform-addresses.ts';
import type { Settings } from '../../../contracts/settings.ts';
import type { RunningPlatform } from '../../core/ports.ts';

interface RunFile {
  readonly pid: number;
  readonly port: number;
  readonly gatewayPort: number;
  readonly mode?: Settings['mode'];
}

/** The running platform of this workspace; `null` when it does not answer. It writes its ports to a file at start. */
export async function findPlatform(root: string, settings: Settings): Promise<RunningPlatform | null> {
  const file = path.resolve(root, settings.stateDir, 'run/platform.json');
  const run = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as RunFile)
    .catch(() => null);
  const port = run?.port ?? settings.port;
  const url = `http://${settings.host}:${port}`;
  const answers = await fetch(`${url}${LIVENESS_PATH}`, { signal: AbortSignal.timeout(10_000) })
    .then((response) => response.ok)
    .catch(() => false);
  return answers
    ? { url, gatewayPort: run?.gatewayPort ?? settings.gatewayPort, mode: run?.mode ?? null }
    : null;
}
