import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '../../../contracts/errors.ts';
import type { StoredFile } from '../../core/file-content.ts';

/** Hex SHA-256 of a file of any size; `null` when it does not exist. */
export async function checksumOf(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Copies a large file from the first place that still holds its bytes.
 * @throws PlatformError `plan-stale` when none does
 */
export async function copyStored(file: StoredFile, places: readonly string[], to: string): Promise<void> {
  for (const place of places) {
    if ((await checksumOf(place)) !== file.sha256) continue;
    await copyFile(place, to);
    if ((await checksumOf(to)) === file.sha256) return; // else it was changed while it was copied
  }
  await rm(to, { force: true });
  throw new PlatformError(
    'plan-stale',
    `${file.path} was changed or deleted since the plan was made. Restore it (git checkout -- ${file.path}), then try again.`,
  );
}
