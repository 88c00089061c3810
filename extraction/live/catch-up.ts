import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import type { StreamSpec, WorkOptions } from '../api.ts';
import type { Session } from '../run/session.ts';
import { lagOf, workerState } from './stream.ts';

/** Less than this is sent and applied in a fraction of the longest pause. */
const SMALL_BYTES = 256 * 1024;
const POLL_MS = 50;

/**
 * Waits until the apply worker runs and lags by little. Reports the lag.
 *
 * @param until moment on the clock of `performance.now()`
 * @throws PlatformError `switch-timeout`, `step-failed` when the slot is gone
 */
export async function untilCaughtUp(
  { from, to }: { readonly from: Session; readonly to: Session },
  stream: StreamSpec,
  until: number,
  { signal, report }: WorkOptions,
): Promise<void> {
  let first: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    const lag = await lagOf(from, stream.name);
    if (lag === null)
      throw new PlatformError(
        'step-failed',
        `The replication slot ${stream.name} is gone: changes since then cannot be applied. Roll back, then start again.`,
      );
    const { running, errors } = await workerState(to, stream.name);
    if (running && lag <= SMALL_BYTES) return;
    first ??= lag;
    report.progress({ target: 'catching up', done: Math.max(0, first - lag), total: first, unit: 'bytes' });
    if (performance.now() > until)
      throw new PlatformError(
        'switch-timeout',
        `The copy is ${lag.toLocaleString('en-US')} bytes behind after the time for the cut-over. ` +
          (errors > 0
            ? `${errors} changes could not be applied: see the log of the PostgreSQL server of ${stream.to.database}.`
            : 'Try again when there are fewer writes, or with a longer --cutover-timeout.'),
      );
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Waits until everything up to `lsn` is applied; `false` when it is not by `until`. */
export async function isDrained(from: Session, slot: string, lsn: string, until: number): Promise<boolean> {
  while ((await lagOf(from, slot, lsn)) !== 0) {
    if (performance.now() > until) return false;
    await delay(3);
  }
  return true;
}
