import { must, type Run } from './run.ts';

const INTERVAL_MS = 1_000;

/** Looks at the job's row for a cancellation that came through the API, until the run has ended. */
export function watchForCancel(run: Run): void {
  const timer = setInterval(() => {
    void wasAskedThroughApi(run)
      .then((asked) => {
        if (asked) run.interrupts.cancel('a request through the API');
      })
      .catch(() => clearInterval(timer)); // the session is gone: its own listener has said so
  }, INTERVAL_MS);
  timer.unref();
}

/**
 * Whether the API has asked the job to stop. It sends a signal as well, which may arrive first; whoever asked there
 * looks for `cancelled`, and whoever pressed Ctrl-C for `rolled_back`.
 */
export async function wasAskedThroughApi(run: Run): Promise<boolean> {
  const { rows } = await must(run.session, 'the session').client.query<{ asked: boolean }>(
    'SELECT cancel_requested_at IS NOT NULL AS asked FROM export_jobs WHERE id = $1',
    [run.jobId],
  );
  return rows[0]?.asked === true;
}
