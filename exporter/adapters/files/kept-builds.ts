import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { BuildsPort } from '../../core/ports.ts';
import { PARTS_OF_CACHE } from '../../core/build-cache.ts';
import { evictOldest } from './evict-oldest.ts';
import { moveTree } from './move-tree.ts';

/** Number of cached outputs; the least recently used are deleted first. */
const MOST_KEPT = 40;
/** Entries of the folder itself that no build reads: build outputs, and files that name the commit. */
const NOT_SOURCE = new Set(['dist', 'node_modules', '.angular', '.export.json', 'README.md', 'Dockerfile']);

/**
 * Caches builds in the folder `kept`, each under the checksum of its inputs: every source file, the lock file, the
 * version of Node and the recipe. A change of any byte is a cache miss.
 */
export function createBuildsPort(options: {
  readonly root: string;
  readonly kept: string;
  /** Folder on the repository's file system, where copies are staged before the rename. */
  readonly scratch: string;
}): BuildsPort {
  const { root, kept, scratch } = options;
  return {
    async once({ folder, output, recipe }, build) {
      const source = path.join(root, folder);
      const entry = path.join(kept, await checksumOf(root, source, recipe));
      if ((await stat(path.join(entry, output?.needed ?? '')).catch(() => null)) !== null) {
        if (output !== undefined) await replace(entry, path.join(root, output.folder), scratch);
        await utimes(entry, new Date(), new Date()).catch(() => undefined); // best effort: on a read-only disk the entry keeps its age
        return 'kept';
      }
      await build();
      // A full or read-only disk costs the cache entry and does not fail the export
      await keep(entry, output && path.join(root, output.folder))
        .then(() => evictOldest(kept, { most: MOST_KEPT, isEntry: isBuild }))
        .catch(() => undefined);
      return 'built';
    },
  };
}

/** A build without output is kept as an empty folder. */
async function keep(entry: string, output: string | undefined): Promise<void> {
  if (output === undefined) await mkdir(entry, { recursive: true });
  else await replace(output, entry, path.dirname(entry));
}

async function checksumOf(root: string, source: string, recipe: string): Promise<string> {
  const hash = createHash('sha256').update(
    `${process.version} ${process.platform} ${process.arch}\0${recipe}\0`,
  );
  hash.update(await readFile(path.join(root, 'package-lock.json')).catch(() => ''));
  for (const file of (await filesOf(source)).sort()) {
    const content = await readFile(path.join(source, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

async function filesOf(folder: string, below = ''): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
    const file = path.posix.join(below, entry.name);
    if (below === '' && NOT_SOURCE.has(entry.name)) continue;
    if (entry.isDirectory()) files.push(...(await filesOf(folder, file)));
    else files.push(file);
  }
  return files;
}

/** Replaces `to` with a copy of `from` in one rename, so that no reader sees half of it. */
async function replace(from: string, to: string, scratch: string): Promise<void> {
  const staging = path.join(scratch, randomUUID());
  await mkdir(scratch, { recursive: true });
  try {
    await cp(from, staging, { recursive: true });
    await moveTree(staging, to);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const OTHERS: ReadonlySet<string> = new Set(PARTS_OF_CACHE);
const isBuild = (name: string): boolean => !OTHERS.has(name);
