import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Absolute path of the repository that a process works in: the nearest folder, from `from` upward, whose
 * package.json is named `generator-platform`. Never derived from a module's own address, because a clone may
 * link its `node_modules` to another checkout.
 *
 * @throws Error when no such folder exists, or its path is unusable; the message says why and what to do.
 */
export function findRepositoryRoot(from: string): string {
  let folder = path.resolve(from);
  for (;;) {
    if (packageName(folder) === 'generator-platform') return usable(folder);
    const parent = path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  throw new Error(
    `${path.resolve(from)} is not inside the platform's repository. Change into it and try again.`,
  );
}

/** @throws Error for a path in which Node.js resolves no alias: it replaces every `*` in the target of `#contracts/*`. */
function usable(folder: string): string {
  if (!folder.includes('*')) return folder;
  throw new Error(
    `${folder}: Node.js resolves no imports by alias (#contracts/...) below a folder with * in its name. Rename the folder, or move the repository.`,
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
