import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** The inputs of the dashboard build. */
const INPUTS = [
  'monolith/web/*.json',
  'monolith/web/public/**/*',
  'monolith/web/src/**/*',
  'tools/*/frontend/**/*',
  'contracts/*',
  'shared/**/*',
  'package-lock.json',
];

const GENERATED = ['monolith', 'web', 'src', 'app', 'generated'].join(sep);

/** Digest of the inputs; the folder name of the build. */
export async function hashInputs(root: string): Promise<string> {
  const files: string[] = [];
  for await (const entry of glob(INPUTS, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    if (file.includes(GENERATED)) continue;
    const content = await readFile(file);
    hash.update(`${file.slice(root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}
