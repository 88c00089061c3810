import { CancelledByRequest } from '../core/failures.ts';
import type { Journaled } from './states.ts';

const INTERVAL_MS = 1_000;

type WatchedRun = Pick<Journaled, 'session' | 'interrupts'> & { readonly jobId: string };

/** Checks the job's row for a cancellation through the API, until the run has ended. */
export function watchForCancel(run: WatchedRun): void {
  const timer = setInterval(() => {
    void cancelRequested(run)
      .then((requested) => {
        if (requested) run.interrupts.cancel(new CancelledByRequest());
      })
      .catch(() => clearInterval(timer)); // the session's own listener has reported its loss
  }, INTERVAL_MS);
  timer.unref();
}

/** Whether the API has requested that the job stop. It sends a signal as well, which may arrive first. */
export async function cancelRequested({
  session,
  jobId,
}: Pick<WatchedRun, 'session' | 'jobId'>): Promise<boolean> {
  const { rows } = await session.client.query<{ requested: boolean }>(
    'SELECT cancel_requested_at IS NOT NULL AS requested FROM export_jobs WHERE id = $1',
    [jobId],
  );
  return rows[0]?.requested === true;
}
