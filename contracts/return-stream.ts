import { sizeText } from './size-text.ts';

/** A reading of how the monolith's tables follow the service of a tool that was exported live. */
export interface ReturnReading {
  readonly toolId: string;
  /** Of the subscription and of its slot. */
  readonly name: string;
  /** The service's. */
  readonly database: string;
  readonly subscribed: boolean;
  readonly enabled: boolean;
  /** Whether a worker applies changes now. */
  readonly running: boolean;
  /** `wal_status` of the slot. `elsewhere`: the slot is at a server of the service's own. */
  readonly slot: 'reserved' | 'extended' | 'unreserved' | 'lost' | 'missing' | 'elsewhere';
  /** Position in the write-ahead log up to which the service has written, in bytes; `null`: unknown. */
  readonly written: number | null;
  /** The same of what the monolith has. */
  readonly applied: number | null;
  /** Failed attempts to apply a change, ever. */
  readonly errors: number;
}

/** The way back of a tool, in `GET /api/registry/return-streams`. */
export interface ReturnStream {
  /** The tool. */
  readonly id: string;
  /** Of the subscription and of its slot. */
  readonly name: string;
  /** The service's; `null` when it is at a server of its own. */
  readonly database: string | null;
  /** `behind`: by more than the writes of a moment. `broken`: nothing is applied until an operator acts. */
  readonly state: 'following' | 'behind' | 'broken';
  /** The state in a few words. */
  readonly text: string;
  /** The next step; `null` for a stream that follows. */
  readonly remedy: string | null;
  readonly running: boolean;
  /** `null`: unknown. */
  readonly lagBytes: number | null;
  /** Age of the oldest write that the monolith lacks: at least this many seconds. `null`: unknown. */
  readonly lagSeconds: number | null;
  readonly errors: number;
}

/** Known from earlier readings of the stream. */
export interface ReturnTrend {
  readonly lagSeconds: number | null;
  /** Whether attempts fail, and no change was applied since. */
  readonly failing: boolean;
  /** Whether no worker ran in the reading before, either. */
  readonly absent: boolean;
}

const BEHIND_BYTES = 16_000_000;
const BEHIND_SECONDS = 30;

const WAITS_FOR = `npx gulp db:sql --command="SELECT pid, wait_event_type, wait_event, pg_blocking_pids(pid) FROM pg_stat_activity WHERE backend_type LIKE 'logical replication%apply%'"`;

/** Decides whether a rollback would find the service's writes in the monolith, and names the remedy where it would not. */
export function judgeReturn(reading: ReturnReading, trend: ReturnTrend): ReturnStream {
  const { toolId: id, name, running, errors } = reading;
  const database = reading.slot === 'elsewhere' ? null : reading.database;
  const lagBytes = lagOf(reading);
  const { lagSeconds } = trend;
  const readings = { id, name, database, running, lagBytes, lagSeconds, errors };
  const fault = faultOf(reading, trend);
  if (fault !== null)
    return { ...readings, state: 'broken', text: `way back broken: ${fault.reason}`, remedy: fault.remedy };
  if (reading.slot === 'unreserved')
    return {
      ...readings,
      state: 'behind',
      text: `${behindText(lagBytes, lagSeconds)}, and PostgreSQL is about to drop these changes`,
      remedy: `Raise max_slot_wal_keep_size now, and see what the worker waits for: ${WAITS_FOR}`,
    };
  if ((lagBytes ?? 0) > BEHIND_BYTES || (lagSeconds ?? 0) > BEHIND_SECONDS)
    return {
      ...readings,
      state: 'behind',
      text: behindText(lagBytes, lagSeconds),
      remedy: `It catches up by itself, unless the worker waits for a lock: ${WAITS_FOR}`,
    };
  return { ...readings, state: 'following', text: 'follows the service', remedy: null };
}

/** Bytes that the monolith lacks; `null`: unknown. */
export const lagOf = ({ written, applied }: Pick<ReturnReading, 'written' | 'applied'>): number | null =>
  written === null || applied === null ? null : Math.max(0, written - applied);

interface Fault {
  readonly reason: string;
  readonly remedy: string;
}

function faultOf(
  { toolId, name, subscribed, enabled, slot, errors }: ReturnReading,
  { failing, absent }: ReturnTrend,
): Fault | null {
  const rollback = `npx gulp rollback --tool-id=${toolId}`;
  if (slot === 'missing' || slot === 'lost')
    return {
      reason: `the replication slot ${name} ${slot === 'lost' ? 'has lost changes' : 'is gone'}`,
      remedy: `Writes since then are only in the service's database, and a rollback would discard them: ${rollback} --discard-writes`,
    };
  if (!subscribed)
    return {
      reason: `the subscription ${name} is gone`,
      remedy: `A rollback creates it again and waits for the service's writes: ${rollback}`,
    };
  if (!enabled)
    return {
      reason: `the subscription ${name} is disabled`,
      remedy: `npx gulp db:sql --command='ALTER SUBSCRIPTION "${name}" ENABLE'`,
    };
  if (failing || (absent && errors > 0))
    return {
      reason: `a change cannot be applied (${errors} failed ${errors === 1 ? 'attempt' : 'attempts'})`,
      remedy:
        'Remove the cause, which npx gulp doctor or the log of PostgreSQL names; the change is tried again by itself',
    };
  if (absent)
    return {
      reason: 'no worker applies changes',
      remedy:
        'PostgreSQL starts one when max_logical_replication_workers and max_worker_processes allow it: raise them, then restart it',
    };
  return null;
}

function behindText(bytes: number | null, seconds: number | null): string {
  const age = seconds === null ? '' : `${Math.round(seconds)} s`;
  if (bytes === null) return `behind by ${age === '' ? 'an unknown time' : age} on its way back`;
  return `behind by ${sizeText(bytes)}${age === '' ? '' : ` (${age})`} on its way back`;
}
