import { isDatabaseAway } from '../contracts/host/database-errors.ts';

/**
 * Runs `work` on the database at intervals until the returned function is called. Skips a round while the previous one
 * runs. Requests already report outages of the database, so `onFault` gets all other errors only.
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<unknown>,
  onFault: (error: unknown) => void,
): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    work()
      .catch((error: unknown) => {
        if (!isDatabaseAway(error)) onFault(error);
      })
      .finally(() => {
        busy = false;
      });
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
