import { PlatformError } from '../../contracts/errors.ts';
import type { JournalEntry } from '../../contracts/job.ts';
import type { Change } from '../../contracts/plan.ts';
import type {
  SyncedBack,
  DatabaseRef,
  FenceSpec,
  Fingerprint,
  SyncBackSpec,
  ServiceWrites,
} from '../../extraction/api.ts';
import type { Ports } from '../core/ports.ts';
import { liveSwitchOf, returnLive } from './live-return.ts';
import type { FenceTables } from '../steps/database/operations/fence-tables.ts';
import type { Verify } from '../steps/database/operations/verify.ts';
import { withPorts, type Journaled } from './states.ts';
import {
  type WritesMode,
  describeWritten,
  isLossless,
  conflictsOf,
  refusalOf,
  rollbackCommand,
} from './writes-report.ts';

/**
 * Progress of settling the writes, kept with the job ahead of every effect. `closed`: the service takes no writes, and
 * its rows may or may not be synced back yet. `home` (synced back) and `dropped`: settled; the database may be dropped.
 * `unused`: settled and dropped, and made again by a resumed export; no caller comes before that routes anew.
 */
type Settlement = { readonly state: 'closed' | 'home' | 'dropped' | 'unused' };

const KEPT_AS = 'serviceWrites';

/** The service's database, and the fence that closes it. */
interface WrittenService {
  readonly spec: SyncBackSpec;
  readonly fence: FenceSpec;
  readonly at: DatabaseRef;
}

/** From the first of these on, callers may have reached the service. */
const ROUTING: readonly string[] = ['write-gateway-conf', 'switch-route'];

/**
 * The rows that a rollback would lose now: `null` when there was never a caller, when the tool has no table, or when
 * an earlier attempt has settled them. Reads only, and blocks no writes.
 *
 * @throws PlatformError `database-unreachable`, with the ways out.
 */
export async function readWrites(run: Journaled): Promise<ServiceWrites | null> {
  const service = await writtenService(run);
  if (service === null) return null;
  return withPorts(run, run.interrupts.signal, (ports) =>
    ports.database.readServiceWrites(service.spec, ports).catch((error: unknown) => {
      throw unreachable(run, error);
    }),
  );
}

/**
 * Makes sure that the undo that follows loses no row without consent: closes the service for writes, then syncs its
 * rows back, discards them or refuses. Safe to repeat after a crash at any moment. Leaves the service closed, unless
 * it throws.
 *
 * @throws PlatformError `service-has-writes`, `bring-back-refused`; the service takes writes again then.
 * @throws StillClosedError when it does not.
 */
export async function settleWrites(run: Journaled, mode: WritesMode, signal: AbortSignal): Promise<void> {
  const live = liveSwitchOf(await run.journal.entries());
  if (live !== null) {
    await returnLive(run, live, mode, signal);
    return;
  }
  const service = await writtenService(run);
  if (service === null) return;
  await withPorts(run, signal, async (ports) => {
    await keepSettlement(run, 'closed');
    let closed = false;
    try {
      closed = await closeService(service, mode, ports);
      await settle(run, service, mode, ports);
    } catch (error) {
      const failure = await reopen(run, service, ports).then(
        () => null,
        (reason: unknown) => ({ reason }),
      );
      // A database that was unreachable when it should have been closed is still open
      throw failure === null || !closed ? error : new StillClosedError(run, error, failure.reason);
    }
  });
}

/** A rollback was refused, and the service could not be opened for writes again: the operator must know. */
export class StillClosedError extends PlatformError {
  constructor({ plan, jobId }: Pick<Journaled, 'plan' | 'jobId'>, cause: unknown, reason: unknown) {
    const open =
      plan === null ? rollbackCommand({ jobId }) : `npx gulp export --tool-id=${plan.toolId} --resume`;
    super(
      cause instanceof PlatformError ? cause.code : 'step-failed',
      `${messageOf(cause)}\nThe service still refuses writes, as it could not be opened again: ${messageOf(reason)}\n` +
        `Open it: ${open}`,
      { cause },
    );
  }
}

async function settle(
  run: Journaled,
  { spec }: WrittenService,
  mode: WritesMode,
  ports: Ports,
): Promise<void> {
  if (mode === 'discard') {
    await reportDiscarded(spec, ports);
    await keepSettlement(run, 'dropped');
    return;
  }
  if (mode === 'refuse') {
    const writes = await ports.database.readServiceWrites(spec, ports);
    if (!isLossless(writes)) throw refusalOf(writes, rollbackCommand(run));
  }
  const writes = await syncBack(run, spec, ports);
  // If the export is resumed instead, the next rollback compares with the monolith's present rows
  await run.memory.keep('fingerprints', writes.fingerprints);
  for (const table of writes.tables) ports.report.log('success', `Synced back ${describeWritten(table)}`);
  for (const table of writes.sourceOnly)
    ports.report.log('warning', `${table} was changed in the monolith only: its rows there are unchanged`);
  if (writes.tables.length === 0)
    ports.report.log('success', 'The service has written no row since the switch that is not synced back');
  await keepSettlement(run, 'home');
}

async function syncBack(run: Journaled, spec: SyncBackSpec, ports: Ports): Promise<SyncedBack> {
  try {
    return await ports.database.syncBack(spec, {
      ...ports,
      // A process that has lost the lock has lost this connection, and with it the right to commit
      confirm: async () => {
        ports.signal.throwIfAborted();
        await run.session.client.query('SELECT 1');
      },
    });
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'bring-back-refused') throw error;
    throw conflictsOf(error.message.split('\n'), rollbackCommand(run), error);
  }
}

/** `false`: it could not be closed, and need not be. */
async function closeService({ fence, at }: WrittenService, mode: WritesMode, ports: Ports): Promise<boolean> {
  try {
    await ports.database.fenceService(fence, at, ports);
    return true;
  } catch (error) {
    ports.signal.throwIfAborted();
    if (mode !== 'discard') throw error;
    ports.report.log('warning', `The service could not be closed for writes: ${messageOf(error)}`);
    return false;
  }
}

async function reportDiscarded(spec: SyncBackSpec, ports: Ports): Promise<void> {
  try {
    const { tables, conflicts } = await ports.database.readServiceWrites(spec, ports);
    for (const table of tables) ports.report.log('warning', `Discarded: ${describeWritten(table)}`);
    for (const { object, message } of conflicts)
      if (!tables.some((table) => table.name === object))
        ports.report.log('warning', `Discarded: ${message}`);
    if (tables.length + conflicts.length === 0)
      ports.report.log('success', 'The service has written nothing since the switch');
  } catch (error) {
    ports.signal.throwIfAborted();
    ports.report.log('warning', `The discarded rows could not be counted: ${messageOf(error)}`);
  }
}

/** Lets the service take writes again after a rollback that was refused, or that died before the database was dropped. */
export async function reopenService(run: Journaled): Promise<void> {
  if (run.memory.get(KEPT_AS) === undefined) return;
  const entries = await run.journal.entries();
  if (isUnused(run, entries)) return;
  const service = serviceIn(run, entries);
  if (service === null) await keepSettlement(run, 'unused');
  else await withPorts(run, run.interrupts.signal, (ports) => reopen(run, service, ports));
}

async function reopen(run: Journaled, { fence, at }: WrittenService, ports: Ports): Promise<void> {
  // Ahead of the first write that is neither synced back nor discarded
  await keepSettlement(run, 'closed');
  await ports.database.unfenceService(fence, at);
  await run.memory.keep(KEPT_AS, null);
}

const keepSettlement = ({ memory }: Journaled, state: Settlement['state']): Promise<void> =>
  memory.keep(KEPT_AS, { state } satisfies Settlement);

async function writtenService(run: Journaled): Promise<WrittenService | null> {
  const kept = run.memory.get(KEPT_AS) as Settlement | undefined;
  if (kept?.state === 'home' || kept?.state === 'dropped') return null;
  const entries = await run.journal.entries();
  return isUnused(run, entries) ? null : serviceIn(run, entries);
}

function isUnused({ memory }: Journaled, entries: readonly JournalEntry[]): boolean {
  const kept = memory.get(KEPT_AS) as Settlement | null | undefined;
  const routes = entries.filter(({ change }) => ROUTING.includes(change.kind));
  return kept?.state === 'unused' && routes.every(({ state }) => state === 'undone');
}

function serviceIn({ memory }: Journaled, entries: readonly JournalEntry[]): WrittenService | null {
  if (!entries.some(({ change }) => ROUTING.includes(change.kind))) return null;
  // A dropped database holds nothing; one that is being dropped was settled before
  if (entries.some(({ change, state }) => change.kind === 'create-database' && state === 'undone'))
    return null;
  const verify = changeOf<Verify>(entries, 'verify');
  const fenced = changeOf<FenceTables>(entries, 'fence-tables');
  if (verify === undefined || fenced === undefined) return null; // a tool without tables has nothing to lose
  const { at, plan } = verify.after;
  const recorded = (memory.get('fingerprints') ?? null) as Readonly<Record<string, Fingerprint>> | null;
  const fence = { ...fenced.after, takenOverBy: 'the monolith, whose rollback is under way' };
  return { spec: { plan, at, recorded }, fence, at };
}

function changeOf<C extends Change>(entries: readonly JournalEntry[], kind: C['kind']): C | undefined {
  return entries.map((entry) => entry.change as unknown as C).find((change) => change.kind === kind);
}

function unreachable(run: Journaled, error: unknown): unknown {
  if (!(error instanceof PlatformError) || error.code !== 'database-unreachable') return error;
  return new PlatformError(
    'database-unreachable',
    `The rows that the service has written since the switch cannot be read: ${error.message}\n` +
      `Start its database, or discard them: ${rollbackCommand(run)} --discard-writes`,
    { cause: error },
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
