import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Absolute path of the repository that a process works in: the nearest folder, from `from` upward, whose
 * package.json is named `generator-platform`. Never derived from a module's own address, because a clone may
 * link its `node_modules` to another checkout.
 *
 * @throws Error when no such folder exists; the message says where it looked and what to do.
 */
export function findRepositoryRoot(from: string): string {
  let folder = path.resolve(from);
  for (;;) {
    if (packageName(folder) === 'generator-platform') return folder;
    const parent = path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  throw new Error(
    `${path.resolve(from)} is not inside the platform's repository. Change into it and try again.`,
  );
}

function packageName(folder: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'name' in manifest
      ? manifest.name
      : undefined;
  } catch {
    return undefined; // no package.json here, or one that is not JSON: look further up
  }
}
