import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../contracts/errors.ts';
import { addMark, ageOf, type Mark } from '../../../contracts/lag-age.ts';
import { messageOf, openSession, rowsOf, type Session } from '../../run/session.ts';
import { advanceSlot, subscriptionExists, workerState } from '../stream.ts';
import { isConnectionLoss } from './patience.ts';

/** How far the target is behind the source. */
export interface Lag {
  readonly bytes: number;
  readonly seconds: number;
  /** Whether the apply worker of the target runs and reads the source. */
  readonly running: boolean;
  /** Changes that the target could not apply. */
  readonly errors: number;
}

/** Less than this is sent and applied in a fraction of the longest pause. */
const SMALL_BYTES = 256 * 1024;
const POLL_MS = 250;
/** Until the switch the way back needs no change, and the target's server would keep its WAL for it. */
const ADVANCE_MS = 10_000;
/** Time for which a server may be away before the run is rolled back. */
const AWAY_MS = 60_000;

export interface FollowOptions {
  readonly sourceUrl: string;
  /** Opens the connection that holds the lock of the target. */
  readonly openTarget: () => Promise<Session>;
  readonly target: Session;
  readonly name: string;
  /** Slot of the way back in the target, which nothing reads yet; `null` without one. */
  readonly back: string | null;
  /** Aborted when the switch is wanted. */
  readonly switchNow: AbortSignal;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
  readonly onLag: (lag: Lag) => void;
  /** Longest time in milliseconds without a smaller lag once the switch is wanted. */
  readonly timeoutMs: number;
}

const POSITIONS = `
SELECT (pg_current_wal_flush_lsn() - '0/0')::float8 AS written, (confirmed_flush_lsn - '0/0')::float8 AS applied,
  active, wal_status AS wal
  FROM pg_replication_slots WHERE slot_name = $1`;

interface Positions {
  readonly written: string;
  readonly applied: string;
  readonly active: boolean;
  readonly wal: string;
}

/**
 * Reports the lag until the switch is wanted and the lag is small. A server may restart meanwhile, and the way between
 * both may be cut: PostgreSQL's worker begins again by itself.
 *
 * @returns the connection that holds the lock of the target now
 */
export async function followUntilSwitch(options: FollowOptions): Promise<Session> {
  const { signal, switchNow, onLag } = options;
  let marks: readonly Mark[] = [];
  let source: Session | null = null;
  let { target } = options;
  let awaySince: number | null = null;
  let smallest = Infinity;
  let nearerSince = performance.now();
  let advancedAt = performance.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        source ??= await openSession({ url: options.sourceUrl });
        const { lag, positions } = await readLag({ ...options, source, target }, marks);
        marks = positions;
        awaySince = null;
        onLag(lag);
        if (options.back !== null && performance.now() - advancedAt > ADVANCE_MS) {
          await advanceSlot(target, options.back);
          advancedAt = performance.now();
        }
        if (switchNow.aborted) {
          if (lag.running && lag.bytes <= SMALL_BYTES) return target;
          if (lag.bytes < smallest) [smallest, nearerSince] = [lag.bytes, performance.now()];
          if (performance.now() - nearerSince > options.timeoutMs) throw tooFarBehind(lag);
        }
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
        if (awaySince === null)
          options.log(`A server does not answer, and is tried again: ${messageOf(error)}`);
        awaySince ??= performance.now();
        if (performance.now() - awaySince > AWAY_MS) throw error;
        await source?.end().catch(() => undefined);
        source = null;
        target = await reopened(target, options.openTarget);
      }
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await source?.end().catch(() => undefined);
  }
}

async function reopened(target: Session, open: () => Promise<Session>): Promise<Session> {
  try {
    await target.query('SELECT 1');
    return target;
  } catch {
    await target.end().catch(() => undefined);
    return await open().catch((error: unknown) => {
      if (isConnectionLoss(error)) return target;
      throw error;
    });
  }
}

async function readLag(
  { source, target, name }: FollowOptions & { readonly source: Session },
  marks: readonly Mark[],
): Promise<{ readonly lag: Lag; readonly positions: readonly Mark[] }> {
  const [at] = await rowsOf<Positions>(source, POSITIONS, [name]);
  if (at === undefined || at.wal === 'lost')
    throw new PlatformError(
      'step-failed',
      `The replication slot ${name} of the source ${at === undefined ? 'was dropped' : 'was invalidated (max_slot_wal_keep_size)'}: changes since then cannot be applied. Run the command again, which copies again.`,
    );
  if (!(await subscriptionExists(target, name)))
    throw new PlatformError(
      'step-failed',
      `The subscription ${name} of the target was dropped. Run the command again.`,
    );
  const worker = await workerState(target, name);
  const now = performance.now();
  const [written, applied] = [Number(at.written), Number(at.applied)];
  const positions = addMark(marks, { written, applied }, now);
  const lag: Lag = {
    bytes: Math.max(0, written - applied),
    seconds: ageOf(positions, now),
    running: worker.running && at.active,
    errors: worker.errors,
  };
  return { lag, positions };
}

const tooFarBehind = ({ bytes, running, errors }: Lag): PlatformError =>
  new PlatformError(
    'switch-timeout',
    `The target is ${bytes.toLocaleString('en-US')} bytes behind after the time for the cut-over. ` +
      (errors > 0 || !running
        ? `${errors} changes could not be applied, and its worker ${running ? 'runs' : 'does not run'}: see the log of the target's PostgreSQL.`
        : 'Try again when there are fewer writes, or with a longer --cutover-timeout.'),
  );
