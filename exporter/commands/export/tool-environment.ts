import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../../contracts/settings.ts';
import { toolEnvironmentFile } from '../../../contracts/tool-environment.ts';

/**
 * Sets the variables that the tool declares to the values that the platform runs it with, for this process and those that it
 * starts. Without a platform that has run the tool, the values of the shell remain.
 */
export async function adoptToolEnvironment(
  { root, settings }: { readonly root: string; readonly settings: Settings },
  toolId: string,
): Promise<void> {
  const file = path.resolve(root, settings.stateDir, toolEnvironmentFile(toolId));
  const text = await readFile(file, 'utf8').catch(() => '{}');
  Object.assign(process.env, JSON.parse(text) as Record<string, string>);
}
