import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageOf } from '../../../../templating/roots.ts';
import { readBrand } from './brand.ts';
import { GENERATED } from './shell.ts';

/** The workspace's inputs of the dashboard build. */
const OF_WORKSPACE = ['tools/*/frontend/**/*', 'shared/**/*', 'package.json', 'package-lock.json'];
/** The platform's. */
const OF_PACKAGE = [
  'monolith/web/*.json',
  'monolith/web/public/**/*',
  'monolith/web/src/**/*',
  'contracts/*',
];

/** Digest of the inputs; the folder name of the build. */
export async function hashInputs(root: string): Promise<string> {
  const { brand } = await readBrand(root);
  const hash = createHash('sha256').update(JSON.stringify(brand));
  for (const [base, patterns] of [
    [root, OF_WORKSPACE],
    [packageOf(root), OF_PACKAGE],
  ] as const) {
    for (const file of await filesOf(base, patterns)) {
      if (file.includes(join('monolith', 'web', GENERATED))) continue;
      const content = await readFile(file);
      hash.update(`${file.slice(base.length)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(base: string, patterns: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const entry of glob([...patterns], { cwd: base, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  return files.sort();
}
