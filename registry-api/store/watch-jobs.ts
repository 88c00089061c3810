import type { Pool } from 'pg';
import { interruptDeadJobs } from './jobs.ts';

/** Well below the 10 s within which a dead job must be detected. */
const INTERVAL_MS = 3_000;

/** Marks jobs of dead owners at intervals until stopped, also across outages of the database. */
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
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
