import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Manifest } from '../../../contracts/manifest.ts';
import { toolEnvironmentFile } from '../../../contracts/tool-environment.ts';

/** The values of the variables that a tool declares; those that are not set are left out. */
export const declaredValues = (
  { env: declared }: Pick<Manifest, 'env'>,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  pick(
    env,
    declared.map(({ name }) => name),
  );

/** The named variables of an environment that are set. */
export const pick = (
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

/** Keeps the values that a tool runs with for its export, which another shell without them may start. */
export async function keepEnvironment(
  stateDir: string,
  manifest: Manifest,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const file = path.join(stateDir, toolEnvironmentFile(manifest.id));
  const text = `${JSON.stringify(declaredValues(manifest, env), null, 2)}\n`;
  if (manifest.env.length === 0) await rm(file, { force: true });
  else if ((await readFile(file, 'utf8').catch(() => null)) !== text) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, text, { mode: 0o600 });
  }
}
