import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { contentOf } from '../core/file-content.ts';

/** Contents by path; binary files are encoded as in `file-content.ts`. */
export async function readTexts(
  root: string,
  files: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const contents = await Promise.all(files.map((file) => readFile(path.join(root, file))));
  return Object.fromEntries(contents.map((bytes, i) => [files[i] ?? '', contentOf(bytes)]));
}
