import type { ExtractionPlan } from '../plan/plan.ts';
import type { DatabasePort, DatabaseRef, Fingerprint, SyncBackSpec, ServerRef, WorkOptions } from '../api.ts';
import { readServiceWrites, syncBack, type SyncBackWork } from '../reverse/sync-back.ts';
import { administratorUrls, type DatabasePortOptions } from './administrator-urls.ts';
import { announceSwitch } from './announce-switch.ts';
import { dropDatabaseNamed, ensureDatabase } from './create-database.ts';
import { dropFence, raiseFence } from './fence.ts';
import { digestOf } from './digest.ts';
import { dropCheckpoint, readCheckpoint, undoOf } from './checkpoint.ts';
import { rollBack } from './roll-back.ts';
import { ensureRoles, removeRoles } from './roles.ts';
import { runPlan } from './run-plan.ts';
import {
  DISK_FULL,
  isMissingDatabase,
  isTrue,
  NO_SUCH_DATABASE,
  openSession,
  sqlStateOf,
  type Session,
} from './session.ts';
import { openMaintenance } from './target.ts';
import { verifyPlan } from './verify-plan.ts';
import { withWorkers, type Work } from './with-workers.ts';

/** PostgreSQL as the export's database step uses it. Opens connections as it needs them and keeps none. */
export function createDatabasePort(options: DatabasePortOptions): DatabasePort & { close(): Promise<void> } {
  const { sourceUrl, secrets } = options;
  const adminUrl = administratorUrls(options);
  const urlOf = (at: DatabaseRef): Promise<string> => adminUrl(at.server, at.database);
  async function onServer(server: ServerRef, work: (session: Session) => Promise<void>): Promise<void> {
    const session = await openMaintenance(await adminUrl(server, 'postgres'));
    try {
      await work(session);
    } finally {
      await session.end();
    }
  }
  const workOn = async (
    plan: ExtractionPlan,
    at: DatabaseRef,
    { signal, report }: WorkOptions,
  ): Promise<Work> => ({
    plan,
    sourceUrl,
    targetUrl: await urlOf(at),
    signal,
    report,
  });
  const syncBackOf = async (
    { plan, at, recorded }: SyncBackSpec,
    { signal, report }: WorkOptions,
  ): Promise<SyncBackWork> => ({
    plan,
    recorded,
    sourceUrl,
    serviceUrl: await urlOf(at),
    signal,
    report,
  });
  return {
    createRoles: (server, roles) => onServer(server, (session) => ensureRoles(session, roles, secrets)),
    dropRoles: (server, roles) => onServer(server, (session) => removeRoles(session, roles, secrets)),
    createDatabase: (spec) => onServer(spec.at.server, (session) => ensureDatabase(session, spec)),
    dropDatabase: (at) => onServer(at.server, (session) => dropDatabaseNamed(session, at.database)),
    fenceTables: (fence, work) => raiseFence(sourceUrl, fence, work),
    unfenceTables: (fence) => dropFence(sourceUrl, fence),
    fenceService: async (fence, at, work) => raiseFence(await urlOf(at), fence, work).catch(ignoreMissing),
    announceSwitch: (at) => onServer(at.server, (session) => announceSwitch(session, at.database)),
    unfenceService: async (fence, at) => dropFence(await urlOf(at), fence).catch(ignoreMissing),
    readServiceWrites: async (spec, work) => readServiceWrites(await syncBackOf(spec, work)),
    syncBack: async (spec, work) => syncBack({ ...(await syncBackOf(spec, work)), confirm: work.confirm }),
    copyTables: async (plan, into, work) => copyTables(await workOn(plan, into, work)),
    removeCopies: async (plan, from) => removeCopies(plan, await urlOf(from)).catch(ignoreFullDisk),
    verifyTables: async (plan, at, work) => verifyTables(await workOn(plan, at, work)),
    close: () => Promise.resolve(),
  };
}

async function copyTables(work: Work): Promise<number> {
  return withWorkers(work, null, async (source, target, workers) => {
    const { report, signal, plan } = work;
    const found = await readCheckpoint(target);
    const checkpoint = found !== null && found.plan === digestOf(plan) ? found : null;
    if (found !== null && checkpoint === null) await rollBack(target, found);
    if (found === null && (await isComplete(target, plan))) return 0; // verified by the `verify` operation
    const { tables } = await runPlan({
      plan,
      source,
      target,
      workers,
      signal,
      checkpoint,
      progress: (progress) => report.progress(progress),
    });
    await target.query('SET synchronous_commit = on');
    await dropCheckpoint(target);
    return Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  });
}

/** The checkpoint is dropped after the last statement: tables without one are complete. */
async function isComplete(target: Session, { tables }: ExtractionPlan): Promise<boolean> {
  if (tables.length === 0) return false;
  const names = tables.map((table) => table.name);
  const all = '(SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest($1::text[]) name)';
  return isTrue(target, all, [names]);
}

/** A database that does not exist takes no writes. */
function ignoreMissing(error: unknown): void {
  if (!isMissingDatabase(error)) throw error;
}

/** A server with a full disk accepts no connection. The copies are dropped with their database, from another one. */
function ignoreFullDisk(error: unknown): void {
  if (sqlStateOf(error) !== DISK_FULL) throw error;
}

const GONE = [NO_SUCH_DATABASE, '08006', '08001'];

async function removeCopies(plan: ExtractionPlan, url: string): Promise<void> {
  let session: Session;
  try {
    session = await openSession({ url });
  } catch (error) {
    if (error instanceof Error && GONE.includes(sqlStateOf(error.cause))) return;
    throw error;
  }
  try {
    await rollBack(session, { undo: undoOf(plan) });
  } finally {
    await session.end();
  }
}

async function verifyTables(work: Work): Promise<Record<string, Fingerprint>> {
  return withWorkers(work, null, async (_source, _target, workers) => {
    const { plan, signal, report } = work;
    const checksums = await verifyPlan({
      plan,
      workers,
      sequences: null,
      signal,
      progress: (progress) => report.progress(progress),
    });
    return Object.fromEntries(
      Object.entries(checksums).map(([name, { rows, digest }]) => [name, { rows, checksum: digest }]),
    );
  });
}
