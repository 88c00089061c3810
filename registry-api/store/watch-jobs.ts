import type { Pool } from 'pg';
import { interruptDeadJobs } from './jobs.ts';

/** Well below the ten seconds within which a dead job must be seen as one. */
const EVERY_MS = 3_000;

/**
 * Marks jobs whose owner has died, for as long as it is not stopped. A database that is away is no reason to
 * stop looking.
 */
export function watchJobs(pool: Pool, onFault: (error: unknown) => void): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    interruptDeadJobs(pool)
      .catch(onFault)
      .finally(() => {
        busy = false;
      });
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
