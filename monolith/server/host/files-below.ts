import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** A file or a link below a folder. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  readonly isLink: boolean;
}

/** Every file and link below a folder, sorted; links are not followed, and `node_modules` are left out. */
export async function filesBelow(folder: string): Promise<readonly FoundFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => name !== 'node_modules')
      .map((entry) => below(path.join(folder, entry.name), entry)),
  );
  return found.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function below(file: string, entry: Dirent): Promise<readonly FoundFile[]> {
  if (entry.isDirectory()) return filesBelow(file);
  return entry.isFile() || entry.isSymbolicLink() ? [{ path: file, isLink: entry.isSymbolicLink() }] : [];
}
