import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { addMark, ageOf, type LogPositions, type Mark } from '../../contracts/lag-age.ts';
import { sizeText } from '../../contracts/size-text.ts';
import type { WorkOptions } from '../api.ts';
import type { StreamSpec } from './live-api.ts';
import { rowsOf, type Session } from '../run/session.ts';
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
  let marks: readonly Mark[] = [];
  for (;;) {
    signal.throwIfAborted();
    const positions = await positionsOf(from, stream.name);
    if (positions === null)
      throw new PlatformError(
        'step-failed',
        `The replication slot ${stream.name} is gone: changes since then cannot be applied. Roll back, then start again.`,
      );
    const now = performance.now();
    const lag = Math.max(0, positions.written - positions.applied);
    marks = addMark(marks, positions, now);
    first ??= lag;
    report.progress({
      phase: 'catching up',
      target: `${sizeText(lag)} (${Math.round(ageOf(marks, now))} s) behind`,
      done: Math.max(0, first - lag),
      total: first,
      unit: 'bytes',
    });
    const { running, errors } = await workerState(to, stream.name);
    if (running && lag <= SMALL_BYTES) return;
    if (now > until)
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

async function positionsOf(session: Session, slot: string): Promise<LogPositions | null> {
  const [row] = await rowsOf<Readonly<Record<keyof LogPositions, string>>>(
    session,
    `SELECT (pg_current_wal_flush_lsn() - '0/0')::float8 AS written, (confirmed_flush_lsn - '0/0')::float8 AS applied
       FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn IS NOT NULL`,
    [slot],
  );
  return row === undefined ? null : { written: Number(row.written), applied: Number(row.applied) };
}

/** Waits until everything up to `lsn` is applied; `false` when it is not by `until`. */
export async function isDrained(from: Session, slot: string, lsn: string, until: number): Promise<boolean> {
  while ((await lagOf(from, slot, lsn)) !== 0) {
    if (performance.now() > until) return false;
    await delay(3);
  }
  return true;
}
