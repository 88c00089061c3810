import { PlatformError } from '../../contracts/errors.ts';
import type {
  ExtractionPlan,
  Fingerprint,
  ServiceWrites,
  SyncConflict,
  SyncedBack,
  WorkOptions,
} from '../api.ts';
import { checksumTable } from '../run/checksum.ts';
import { isMissingDatabase, messageOf, openSession, type Session } from '../run/session.ts';
import { checksumGroup, groupTables, isEqual } from '../run/table-groups.ts';
import { disableTriggers } from './disable-triggers.ts';
import { findBrokenReferences } from './references.ts';
import { fetchRows, removeRows } from './replace-rows.ts';
import { advanceSequences } from './sequences.ts';
import { survey, type ServiceRows } from './survey.ts';

export interface SyncBackWork extends WorkOptions {
  readonly plan: ExtractionPlan;
  readonly sourceUrl: string;
  readonly serviceUrl: string;
  /** Fingerprints of the source's tables at the switch. */
  readonly recorded: Readonly<Record<string, Fingerprint>> | null;
}

const LOCK_TIMEOUT = '10s';
const NOTHING: SyncedBack = { tables: [], sequences: [], sourceOnly: [], conflicts: [], fingerprints: {} };

/**
 * Rows that the service has and the source lacks. Changes nothing on either side. Without a fence the answer holds for
 * the moment of the read only. A database that does not exist has no rows.
 *
 * @throws PlatformError `database-unreachable`.
 */
export async function readServiceWrites(work: SyncBackWork): Promise<ServiceWrites> {
  return withBothSides(work, async (source, service) => {
    await source.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    return (await survey(source, service, work)).writes;
  });
}

/**
 * Makes the source's tables equal to the service's, in one transaction of the source, under its fence. Safe to call
 * twice. `confirm` runs right before the commit, and throws to prevent it.
 *
 * @throws PlatformError `bring-back-refused`, naming every conflict; the source is unchanged then.
 */
export async function syncBack(
  work: SyncBackWork & { readonly confirm: () => Promise<void> },
): Promise<SyncedBack> {
  return withBothSides(work, async (source, service) => {
    const tables = work.plan.tables.map((table) => table.name);
    await source.query('BEGIN');
    await source.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    if (tables.length > 0)
      await source.query(`LOCK TABLE ONLY ${tables.join(', ONLY ')} IN SHARE ROW EXCLUSIVE MODE`);
    const { writes, rows, advanced } = await survey(source, service, work);
    if (writes.conflicts.length > 0) throw refusedFor(writes.conflicts);
    if (rows.length > 0) await replaceRows(source, service, work, rows);
    await advanceSequences(source, advanced);
    const fingerprints = await fingerprintsOf(source, work.plan, writes.sourceOnly);
    await work.confirm();
    await source.query('COMMIT');
    return { ...writes, fingerprints: { ...work.recorded, ...fingerprints } };
  });
}

async function replaceRows(
  source: Session,
  service: Session,
  work: SyncBackWork,
  rows: readonly ServiceRows[],
): Promise<void> {
  const { signal, report, plan } = work;
  const names = plan.tables.map((table) => table.name);
  const enableTriggers = await disableTriggers(source, names);
  const sessions = { source, service, signal, searchPath: plan.searchPath };
  for (const { group, differing } of rows) await removeRows(source, group, differing);
  for (const [index, { group, ...from }] of rows.entries()) {
    signal.throwIfAborted();
    report.progress({ target: group.into, done: index, total: rows.length, unit: 'changes' });
    await fetchRows(sessions, group, from).catch((error: unknown) => {
      signal.throwIfAborted();
      const message = `${group.into}: the source rejects the service's rows: ${messageOf(error)}`;
      throw refusedFor([{ object: group.into, message }], error);
    });
  }
  await enableTriggers();
  const broken = await findBrokenReferences(source, names);
  if (broken.length > 0) throw refusedFor(broken);
  for (const { group } of rows)
    if (!isEqual(await checksumGroup(source, group), await checksumGroup(service, group)))
      throw new PlatformError(
        'verification-failed',
        `${group.into}: the synced rows differ from the service's rows. Nothing was changed.`,
      );
}

/** Fingerprints of the source's tables now, without those that were changed in the source alone. */
async function fingerprintsOf(
  source: Session,
  plan: ExtractionPlan,
  sourceOnly: readonly string[],
): Promise<Record<string, Fingerprint>> {
  const found: Record<string, Fingerprint> = {};
  for (const { into, tables, compared } of groupTables(plan))
    for (const { name } of sourceOnly.includes(into) ? [] : tables) {
      const { rows, digest } = await checksumTable(source, { name, compared });
      found[name] = { rows, checksum: digest };
    }
  return found;
}

const refusedFor = (conflicts: readonly SyncConflict[], cause?: unknown): PlatformError =>
  new PlatformError('bring-back-refused', conflicts.map(({ message }) => message).join('\n'), {
    ...(cause === undefined ? {} : { cause }),
    errors: conflicts.map(({ object, message }) => ({ pointer: object, message })),
  });

/** Rolls back whatever `run` has not committed in the source. The service is never changed. */
async function withBothSides<T extends ServiceWrites>(
  work: SyncBackWork,
  run: (source: Session, service: Session) => Promise<T>,
): Promise<T | typeof NOTHING> {
  let service: Session;
  try {
    service = await openSession({ url: work.serviceUrl, applicationName: 'gulp rollback' });
  } catch (error) {
    if (isMissingDatabase(error)) return NOTHING;
    throw error;
  }
  try {
    await service.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const source = await openSession({ url: work.sourceUrl, applicationName: 'gulp rollback' });
    try {
      return await run(source, service);
    } finally {
      await source.query('ROLLBACK').catch(() => undefined); // without effect after a commit
      await source.end().catch(() => undefined);
    }
  } finally {
    await service.end().catch(() => undefined);
  }
}
