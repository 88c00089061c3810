import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Deletes the least recently used entries of a cache's folder above `most`. Best effort: an entry that another process
 * deletes meanwhile, or a disk that cannot be written, fails no export.
 */
export async function evictOldest(
  folder: string,
  options: {
    readonly most: number;
    /** Which names are entries; default: all. */
    readonly isEntry?: (name: string) => boolean;
    /** Milliseconds since its last use before which an entry is not deleted; default: 0. */
    readonly unusedFor?: number;
  },
): Promise<void> {
  const { most, isEntry = () => true, unusedFor = 0 } = options;
  const entries = await Promise.all(
    (await readdir(folder).catch(() => [])).filter(isEntry).map(async (name) => {
      const at = path.join(folder, name);
      return { at, used: (await stat(at).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  for (const { at, used } of entries.sort((a, b) => b.used - a.used).slice(most))
    if (Date.now() - used >= unusedFor) await rm(at, { recursive: true, force: true }).catch(() => undefined);
}
