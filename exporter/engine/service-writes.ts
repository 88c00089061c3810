import { PlatformError } from '../../contracts/errors.ts';
import type { JournalEntry } from '../../contracts/job.ts';
import type { Change } from '../../contracts/plan.ts';
import { keepWithJob } from './job-memory.ts';
import { openPorts } from './open-ports.ts';
import type { Ports } from '../core/ports.ts';
import { must, type Run } from './run.ts';
import type { FenceTables } from '../steps/database/operations/fence-tables.ts';
import type { Verify } from '../steps/database/operations/verify.ts';
import type {
  SyncedBack,
  DatabaseRef,
  FenceSpec,
  Fingerprint,
  SyncBackSpec,
  ServiceWrites,
} from '../../extraction/api.ts';
import { describeWritten, isLossless, obstaclesOf, refusalOf } from '../commands/rollback/writes-report.ts';

/** What becomes of rows that the service has written since the switch. */
export type WritesMode = 'refuse' | 'bring-back' | 'discard';

/**
 * How far the matter of the writes is, kept with the job ahead of every effect. `closed`: the service takes no writes,
 * and what it holds may or may not be home yet. `home` and `dropped`: settled; the database may go.
 */
type Settlement = { readonly state: 'closed' | 'home' | 'dropped' };

const KEPT = 'serviceWrites';

interface Situation {
  readonly spec: SyncBackSpec;
  readonly fence: FenceSpec;
  readonly at: DatabaseRef;
}

/** From the first of these on, callers may have reached the service. */
const ROUTING: readonly string[] = ['write-gateway-conf', 'switch-route'];

/**
 * What taking back would lose: `null` when there was never a caller, no table, or an earlier try has settled it. Reads
 * only, and keeps nobody from writing: it is what holds at this moment.
 *
 * @throws PlatformError `database-unreachable`, with the ways out.
 */
export async function readWrites(run: Run): Promise<ServiceWrites | null> {
  const situation = await situationOf(run);
  if (situation === null) return null;
  return withPorts(run, run.interrupts.signal, (ports) =>
    ports.database.readServiceWrites(situation.spec, ports).catch((error: unknown) => {
      throw unreachable(run, error);
    }),
  );
}

/**
 * Makes sure that the undo that follows loses nothing that nobody spoke of: closes the service for writes, then brings
 * home, drops or refuses. Safe to repeat after a crash at any moment. Leaves the service closed, unless it throws.
 *
 * @throws PlatformError `service-has-writes`, `bring-back-refused`; the service takes writes again then.
 * @throws StillClosedError when it does not.
 */
export async function settleWrites(run: Run, mode: WritesMode, signal: AbortSignal): Promise<void> {
  const situation = await situationOf(run);
  if (situation === null) return;
  await withPorts(run, signal, async (ports) => {
    await keepWithJob(run, KEPT, { state: 'closed' } satisfies Settlement);
    let closed = false;
    try {
      closed = await closeService(situation, mode, ports);
      await settle(run, situation, mode, ports);
    } catch (error) {
      const failure = await reopen(run, situation, ports).then(
        () => null,
        (reason: unknown) => ({ reason }),
      );
      // A database that could not be closed because it is away is not closed
      throw failure === null || !closed ? error : new StillClosedError(run, error, failure.reason);
    }
  });
}

/** A rollback was refused, and the service could not be opened for writes again: its callers must not be left to find out. */
export class StillClosedError extends PlatformError {
  constructor({ plan }: Run, cause: unknown, reason: unknown) {
    super(
      cause instanceof PlatformError ? cause.code : 'step-failed',
      `${messageOf(cause)}\nThe service still refuses writes, as it could not be opened again: ${messageOf(reason)}\n` +
        `Open it: npx gulp export --tool-id=${must(plan, 'the plan').toolId} --resume`,
      { cause },
    );
  }
}

async function settle(run: Run, { spec }: Situation, mode: WritesMode, ports: Ports): Promise<void> {
  if (mode === 'discard') {
    await reportDropped(spec, ports);
    await keepWithJob(run, KEPT, { state: 'dropped' } satisfies Settlement);
    return;
  }
  if (mode === 'refuse') {
    const writes = await ports.database.readServiceWrites(spec, ports);
    if (!isLossless(writes)) throw refusalOf(writes, commandOf(run));
  }
  const writes = await bringBack(run, spec, ports);
  // Should the export go on after all, the next rollback compares with what is home now
  await keepWithJob(run, 'fingerprints', writes.fingerprints);
  for (const table of writes.tables) ports.report.log('success', `Brought home ${describeWritten(table)}`);
  for (const table of writes.sourceOnly)
    ports.report.log('warning', `${table} was changed in the source alone: it stays as it is there`);
  if (writes.tables.length === 0)
    ports.report.log('success', 'The service has written nothing since the switch that is not home');
  await keepWithJob(run, KEPT, { state: 'home' } satisfies Settlement);
}

async function bringBack(run: Run, spec: SyncBackSpec, ports: Ports): Promise<SyncedBack> {
  const { client } = must(run.session, 'the session');
  try {
    return await ports.database.syncBack(spec, {
      ...ports,
      // Whoever has lost the lock has lost this connection, and with it the right to commit
      confirm: async () => {
        ports.signal.throwIfAborted();
        await client.query('SELECT 1');
      },
    });
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'bring-back-refused') throw error;
    throw obstaclesOf(error.message.split('\n'), commandOf(run), error);
  }
}

/** `false`: it could not be, and need not. */
async function closeService(situation: Situation, mode: WritesMode, ports: Ports): Promise<boolean> {
  try {
    await ports.database.fenceService(situation.fence, situation.at, ports);
    return true;
  } catch (error) {
    ports.signal.throwIfAborted();
    if (mode !== 'discard') throw error;
    ports.report.log('warning', `The service could not be closed for writes: ${messageOf(error)}`);
    return false;
  }
}

async function reportDropped(spec: SyncBackSpec, ports: Ports): Promise<void> {
  try {
    const { tables, conflicts } = await ports.database.readServiceWrites(spec, ports);
    for (const table of tables) ports.report.log('warning', `Dropped knowingly: ${describeWritten(table)}`);
    for (const { object, message } of conflicts)
      if (!tables.some((table) => table.name === object))
        ports.report.log('warning', `Dropped knowingly: ${message}`);
    if (tables.length + conflicts.length === 0)
      ports.report.log('success', 'The service has written nothing since the switch');
  } catch (error) {
    ports.signal.throwIfAborted();
    ports.report.log('warning', `What is dropped could not be counted: ${messageOf(error)}`);
  }
}

/** Lets the service take writes again after a rollback that was refused, or that died before it came to the database. */
export async function reopenService(run: Run): Promise<void> {
  if (run.remembered[KEPT] === undefined) return;
  const entries = await must(run.journal, 'the journal').entries();
  const situation = situationIn(run, entries);
  if (situation === null) await keepWithJob(run, KEPT, null);
  else await withPorts(run, run.interrupts.signal, (ports) => reopen(run, situation, ports));
}

async function reopen(run: Run, { fence, at }: Situation, ports: Ports): Promise<void> {
  // Ahead of the first write that is neither home nor dropped knowingly
  await keepWithJob(run, KEPT, { state: 'closed' } satisfies Settlement);
  await ports.database.unfenceService(fence, at);
  await keepWithJob(run, KEPT, null);
}

async function situationOf(run: Run): Promise<Situation | null> {
  const kept = run.remembered[KEPT] as Settlement | undefined;
  if (kept?.state === 'home' || kept?.state === 'dropped') return null;
  const entries = await must(run.journal, 'the journal').entries();
  // A database that has been dropped holds nothing; one that is being dropped was settled before
  if (entries.some(({ change, state }) => change.kind === 'create-database' && state === 'undone'))
    return null;
  return situationIn(run, entries);
}

function situationIn(run: Run, entries: readonly JournalEntry[]): Situation | null {
  if (!entries.some(({ change }) => ROUTING.includes(change.kind))) return null;
  // A database that has been dropped holds nothing
  if (entries.some(({ change, state }) => change.kind === 'create-database' && state === 'undone'))
    return null;
  const verify = changeOf<Verify>(entries, 'verify');
  const fenced = changeOf<FenceTables>(entries, 'fence-tables');
  if (!verify?.after || !fenced?.after) return null; // a tool without tables has nothing to lose
  const { at, plan } = verify.after;
  const recorded = (run.remembered['fingerprints'] ?? null) as Readonly<Record<string, Fingerprint>> | null;
  const fence = { ...fenced.after, takenOverBy: 'the monolith, whose rollback is under way' };
  return { spec: { plan, at, recorded }, fence, at };
}

function changeOf<C extends Change>(entries: readonly JournalEntry[], kind: C['kind']): C | undefined {
  return entries.map((entry) => entry.change as unknown as C).find((change) => change.kind === kind);
}

async function withPorts<T>(run: Run, signal: AbortSignal, work: (ports: Ports) => Promise<T>): Promise<T> {
  const ports = openPorts(run, signal);
  try {
    return await work(ports);
  } finally {
    await ports.close();
  }
}

function unreachable(run: Run, error: unknown): unknown {
  if (!(error instanceof PlatformError) || error.code !== 'database-unreachable') return error;
  return new PlatformError(
    'database-unreachable',
    `What the service has written since the switch is not known: ${error.message}\n` +
      `Start its database, or lose whatever it holds knowingly: ${commandOf(run)} --discard-writes`,
    { cause: error },
  );
}

/** The command that takes this job back. */
export const commandOf = (run: Run): string => `npx gulp rollback --job-id=${run.jobId ?? ''}`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
