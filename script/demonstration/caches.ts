import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Caches of builds; they stay valid because the next clone has the same paths. */
const CACHES = ['.platform/cache', 'monolith/web/.angular'];

/** Moves caches out of a clone before it is deleted. Safe when there is no clone. */
export async function saveCaches(clone: string): Promise<void> {
  for (const cache of CACHES) await move(path.join(clone, cache), savedAt(clone, cache));
}

/** Moves them into a fresh clone. */
export async function restoreCaches(clone: string): Promise<void> {
  for (const cache of CACHES) await move(savedAt(clone, cache), path.join(clone, cache));
}

const savedAt = (clone: string, cache: string): string =>
  path.join(path.dirname(clone), 'caches', cache.replaceAll('/', '-'));

async function move(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  const old = `${to}.old`;
  await rm(old, { recursive: true, force: true });
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return; // nothing to keep
    await rename(to, old);
    await rename(from, to);
    await rm(old, { recursive: true, force: true });
  }
}
