import path from 'node:path';
import type { Settings } from '../../contracts/settings.ts';

/** Folders of the build cache that hold no builds. */
export const PARTS_OF_CACHE = ['packages', 'formatted', 'angular'] as const;

/** Absolute folder of a repository's build cache, or of a part of it; `null`: the cache is off. */
export function buildCacheFolder(
  root: string,
  { stateDir, buildCache }: Pick<Settings, 'stateDir' | 'buildCache'>,
  part?: (typeof PARTS_OF_CACHE)[number],
): string | null {
  if (buildCache === null) return null;
  return path.resolve(root, stateDir, buildCache ?? 'cache/builds', part ?? '');
}
