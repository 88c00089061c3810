import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import type { WorkOptions } from '../api.ts';
import type { SwitchHooks, SwitchSpec } from './live-api.ts';
import { advanceSequences, findAdvanced } from '../reverse/sequences.ts';
import { announceSwitch, withdrawSwitch } from '../run/announce-switch.ts';
import { armFence, closeFence, openFence } from '../run/fence.ts';
import { openSession, rowsOf, type Session } from '../run/session.ts';
import { isDrained, untilCaughtUp } from './catch-up.ts';
import { openSnapshotPair, type SnapshotPair } from './snapshot-pair.ts';
import { advanceSlot, writePosition } from './stream.ts';
import { describeWriter, untilWritersEnd } from '../run/writers.ts';

/** A switch that has been made. */
export interface Made {
  readonly pauseMs: number;
  readonly attempts: number;
  readonly writtenRows: number | null;
  readonly pair: SnapshotPair;
}

interface Sides {
  readonly fromUrl: string;
  readonly toUrl: string;
  /** Records in `to` that it serves, in place of the setting that a service reads. */
  readonly recordSwitch?: (to: Session) => Promise<void>;
}

interface Attempt extends SwitchSpec, Pick<Sides, 'recordSwitch'> {
  readonly from: Session;
  readonly to: Session;
  readonly pair: SnapshotPair;
  readonly hooks: SwitchHooks;
}

/** Part of the longest pause that is left for what follows the last change: sequences, snapshots, route. */
const RESERVE = 0.3;
const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 5_000;

/** See `LivePort.switchOver`. */
export async function switchOver(
  spec: SwitchSpec & Sides,
  hooks: SwitchHooks,
  options: WorkOptions,
): Promise<Made> {
  const until = performance.now() + spec.timeoutMs;
  const from = await openSession({ url: spec.fromUrl });
  try {
    const to = await openSession({ url: spec.toUrl });
    try {
      await armFence(spec.fromUrl, spec.fences.from, options, {
        lockMs: Math.max(1, Math.round(spec.maxPauseMs / 2)),
        totalMs: spec.timeoutMs,
      });
      for (let attempts = 1; ; attempts++) {
        await untilCaughtUp({ from, to }, spec.stream, until, options);
        if (spec.next !== null) await advanceSlot(to, spec.next);
        options.signal.throwIfAborted();
        const pair = await openSnapshotPair(spec);
        options.report.progress({
          phase: 'switching',
          target: `writes wait for at most ${spec.maxPauseMs} ms`,
          done: 0,
          total: 0,
          unit: 'changes',
        });
        const tried = await attempt({ ...spec, from, to, pair, hooks }).catch(async (error: unknown) => {
          await pair.close();
          throw error;
        });
        if (tried.reason === null) {
          const { pauseMs, writtenRows } = tried;
          return { pauseMs, writtenRows, attempts, pair };
        }
        await pair.close();
        await backOff(tried, { attempts, until }, options);
      }
    } finally {
      await to.end().catch(() => undefined);
    }
  } finally {
    await from.end().catch(() => undefined);
  }
}

interface Tried {
  readonly pauseMs: number;
  /** Why it was given up; `null` when it was made. */
  readonly reason: string | null;
  readonly writtenRows: number | null;
}

/** One pause. Given up, or failing before the other side serves, it leaves `from` open for writes. */
async function attempt(spec: Attempt): Promise<Tried> {
  const { from, hooks, maxPauseMs } = spec;
  const start = performance.now();
  const elapsed = (): number => Math.round(performance.now() - start);
  let switched = false;
  try {
    await hooks.hold(maxPauseMs);
    const reason = await closeAndDrain(spec, start + maxPauseMs * (1 - RESERVE));
    if (reason === null) {
      if (spec.stays === true) {
        await spec.pair.open();
        await openFence(from, spec.fences.from);
        await hooks.release();
        return { pauseMs: elapsed(), reason: null, writtenRows: null };
      }
      const writtenRows = await countWritten(spec);
      await alignTarget(spec);
      await spec.pair.open();
      switched = true;
      await openOtherSide(spec);
      await hooks.route();
      return { pauseMs: elapsed(), reason: null, writtenRows };
    }
    await openFence(from, spec.fences.from);
    await hooks.release();
    return { pauseMs: elapsed(), reason, writtenRows: null };
  } catch (error) {
    if (!switched) {
      await openFence(from, spec.fences.from).catch(() => undefined);
      await hooks.release().catch(() => undefined);
    }
    throw error;
  }
}

/** Why `to` cannot have every write by `until`; `null` when it has. */
async function closeAndDrain({ from, stream, fences }: Attempt, until: number): Promise<string | null> {
  await closeFence(from, fences.from);
  const writers = await untilWritersEnd(from, fences.from.tables, until);
  if (writers.length > 0)
    return `transactions that write to the tables: ${writers.map(describeWriter).join('; ')}`;
  return (await isDrained(from, stream.name, await writePosition(from), until))
    ? null
    : 'changes that were not applied in time';
}

/** Only the copy and the stream have written there until now. */
async function countWritten({ to, stream }: Attempt): Promise<number> {
  const [row] = await rowsOf<{ rows: string }>(
    to,
    // the view pg_stat_user_tables would take longer to plan than this takes
    `SELECT coalesce(sum(pg_stat_get_tuples_inserted(o) + pg_stat_get_tuples_updated(o) + pg_stat_get_tuples_deleted(o)), 0)::float8 AS rows
       FROM unnest($1::regclass[]) AS o`,
    [stream.tables],
  );
  return Number(row?.rows ?? 0);
}

/** Sequences, and where the next stream begins: everything until now is on both sides. */
async function alignTarget({ from, to, plan, next }: Attempt): Promise<void> {
  await advanceSequences(to, await findAdvanced(to, from, plan.sequences));
  if (next !== null) await advanceSlot(to, next);
}

/** Records who serves before the first write that the other side takes: a later process reads it there. */
async function openOtherSide(spec: Attempt): Promise<void> {
  const { from, to, stream, service, fences, recordSwitch } = spec;
  const serviceServes = service.database === stream.to.database;
  if (recordSwitch !== undefined) await recordSwitch(to);
  else if (serviceServes) await announceSwitch(to, service.database);
  else await withdrawSwitch(from, service.database);
  await openFence(to, fences.to);
}

async function backOff(
  { reason, pauseMs }: Tried,
  { attempts, until }: { readonly attempts: number; readonly until: number },
  { signal, report }: WorkOptions,
): Promise<void> {
  if (performance.now() > until)
    throw new PlatformError(
      'switch-timeout',
      `Writes could not be switched in ${attempts} attempts: ${reason ?? ''}. ` +
        'End these transactions or allow a longer --cutover-timeout, then run the command again.',
    );
  report.progress({ phase: 'waiting', target: reason ?? '', done: 0, total: 0, unit: 'changes' });
  report.log('warning', `Writes go on after ${pauseMs} ms, and the switch is tried again: ${reason ?? ''}`);
  await delay(Math.min(FIRST_BACK_OFF_MS * 2 ** (attempts - 1), LONGEST_BACK_OFF_MS), undefined, { signal });
}
