import type { Pool } from 'pg';
import { isDatabaseAway } from '../contracts/host/database-errors.ts';
import { forgetOldKeys } from './http/idempotency.ts';
import { forgetOldDeliveries } from './webhooks/store.ts';
import { sumUpCounts } from './store/facets.ts';
import { forgetLostWords } from './store/search-words.ts';

const EVERY_MS = 60_000;

/**
 * Deletes expired rows from the tables that grow with every request, until stopped. Several platforms on one
 * database may do so at once.
 */
export function keepHouse(pool: Pool, onFault: (error: unknown) => void): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    cleanUp(pool)
      .catch((error: unknown) => {
        if (!isDatabaseAway(error)) onFault(error); // retried in the next round
      })
      .finally(() => {
        busy = false;
      });
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Runs one round. Safe to call at any time. */
export async function cleanUp(pool: Pool): Promise<void> {
  await forgetOldKeys(pool);
  await forgetOldDeliveries(pool);
  await sumUpCounts(pool);
  while ((await forgetLostWords(pool)) > 0);
}
