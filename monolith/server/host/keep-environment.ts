import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Manifest } from '../../../contracts/manifest.ts';
import { toolEnvironmentFile } from '../../../contracts/tool-environment.ts';

/** Keeps the values that a tool runs with for its export, which another shell without them may start. */
export async function keepEnvironment(
  stateDir: string,
  { id, env: declared }: Manifest,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const file = path.join(stateDir, toolEnvironmentFile(id));
  const values = Object.fromEntries(
    declared.flatMap(({ name }) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const text = `${JSON.stringify(values, null, 2)}\n`;
  if (declared.length === 0) await rm(file, { force: true });
  else if ((await readFile(file, 'utf8').catch(() => null)) !== text) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, text, { mode: 0o600 });
  }
}
