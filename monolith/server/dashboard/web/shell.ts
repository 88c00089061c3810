import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { packageOf, shellOf } from '../../../../templating/roots.ts';

/** Written at every build: the list of tools. Relative to the shell. */
export const GENERATED = path.join('src', 'app', 'generated');

/**
 * Absolute folder of the dashboard's shell. Beside a package it is brought up to date with the shell of the package
 * first; caches and generated files stay.
 */
export async function prepareShell(root: string): Promise<string> {
  const shell = path.join(root, shellOf(root));
  const source = path.join(packageOf(root), 'monolith', 'web');
  await mkdir(shell, { recursive: true });
  if (shell === source) return shell;
  await cp(source, shell, { recursive: true, preserveTimestamps: true });
  const wanted = new Set(await filesIn(path.join(source, 'src')));
  for (const file of await filesIn(path.join(shell, 'src'))) {
    const absolute = path.join(shell, 'src', file);
    if (!wanted.has(file) && !absolute.startsWith(path.join(shell, GENERATED))) await rm(absolute);
  }
  return shell;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
