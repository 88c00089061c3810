import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** All that decides what the dashboard's build looks like. */
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

/** A digest of the build's inputs, as a name for a folder. */
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
