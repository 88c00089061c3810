import type { Pool } from 'pg';
import { deleteOldKeys } from './http/idempotency.ts';
import { repeat } from './repeat.ts';
import { deleteOldDeliveries } from './webhooks/store.ts';
import { mergeCounts } from './store/facets.ts';
import { deleteOrphanedWords } from './store/search-words.ts';

const INTERVAL_MS = 60_000;

/**
 * Deletes expired rows from the tables that grow with every request, until stopped. Several platforms on one
 * database may do so at once.
 */
export const startHousekeeping = (pool: Pool, onFault: (error: unknown) => void): (() => void) =>
  repeat(INTERVAL_MS, () => cleanUp(pool), onFault);

/** Runs one round. Safe to call at any time. */
export async function cleanUp(pool: Pool): Promise<void> {
  await deleteOldKeys(pool);
  await deleteOldDeliveries(pool);
  await mergeCounts(pool);
  while ((await deleteOrphanedWords(pool)) > 0);
}
