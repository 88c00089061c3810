import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import { namesOf } from '../../../contracts/naming.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { tryLock, unlock } from '../../../registry-api/store/export-lock.ts';
import { interruptDeadJobs } from '../../../registry-api/store/jobs.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';
import { openPorts } from '../../adapters/open-ports.ts';
import type { OrphanedResource, OrphanPorts } from '../../core/orphans.ts';
import type { ReportPort } from '../../core/ports.ts';
import { openSession } from '../../engine/session.ts';
import { PIPELINE } from '../../pipeline.ts';
import { actor } from '../open-run.ts';
import { findDrafts, findTemporaryFiles } from './temporary-files.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';

/** Jobs that have ended neither completed nor wholly rolled back, with their remaining changes. */
const UNFINISHED = `SELECT j.id AS "jobId", j.tool_id AS "toolId", j.status,
    array_agg(e.change->>'kind' || ' ' || (e.change->>'target') ORDER BY e.seq) AS targets
  FROM export_jobs j JOIN export_journal e ON e.job_id = j.id AND e.state <> 'undone'
 WHERE j.status NOT IN ('completed', 'in_progress', 'pending') GROUP BY j.id ORDER BY j.created_at`;

interface UnfinishedJob {
  readonly jobId: string;
  readonly toolId: string;
  readonly status: string;
  readonly targets: readonly string[];
}

/**
 * Tools that were exported once and that no job accounts for now: neither exported nor being exported, with nothing
 * left to undo. Tools that are no longer registered are included: the history of their jobs outlives them. Resources
 * with the names of a tool that was never exported from here belong to others: to a colleague who has exported and
 * committed the service, or to an administrator.
 */
const SETTLED = `SELECT known.id FROM (SELECT DISTINCT j.tool_id AS id FROM export_jobs j JOIN export_journal e ON e.job_id = j.id) AS known
  WHERE NOT EXISTS (SELECT FROM tool_registry t WHERE t.tool_id = known.id AND t.is_exported)
    AND NOT EXISTS (SELECT FROM export_jobs j WHERE j.tool_id = known.id AND j.status IN ('pending', 'in_progress'))
    AND NOT EXISTS (SELECT FROM export_jobs j JOIN export_journal e ON e.job_id = j.id AND e.state <> 'undone' WHERE j.tool_id = known.id)
  ORDER BY known.id`;

const BUSY = `SELECT EXISTS (SELECT FROM export_jobs WHERE status IN ('pending', 'in_progress')) AS busy`;

/** Where the doctor searches, over a connection of its own. */
export interface OrphanSearch {
  readonly root: string;
  readonly settings: Settings;
  readonly client: Queryable;
  /** Administrator's address of the platform's database. */
  readonly databaseUrl: string;
  readonly ports: OrphanPorts;
  /** Rolls a job back, in a process of its own. */
  readonly rollBack: (jobId: string) => Promise<void>;
}

/** A resource that could not be removed, and why. */
export interface Remaining {
  readonly name: string;
  readonly reason: string;
}

/** The orphaned resources of earlier exports. Reads only. */
export async function findOrphans(search: OrphanSearch): Promise<readonly OrphanedResource[]> {
  const jobs = await unfinishedJobs(search);
  const settled = await settledTools(search.client);
  return [...jobs, ...(await orphansOf(search, settled, { otherJobs: jobs.length > 0 }))];
}

/** Removes all of them; one that cannot be removed keeps no other. `removed` is called for each that is gone. */
export async function removeOrphans(
  search: OrphanSearch,
  removed: (name: string) => void,
): Promise<readonly Remaining[]> {
  const remaining: Remaining[] = [];
  const remove = async (orphan: OrphanedResource): Promise<void> => {
    if (orphan.remove === null) return;
    try {
      await orphan.remove();
      removed(orphan.name);
    } catch (error) {
      remaining.push({ name: orphan.name, reason: error instanceof Error ? error.message : String(error) });
    }
  };
  for (const job of await unfinishedJobs(search)) await remove(job);
  // Searched again: the rollbacks have removed many of them. No such tool can be exported until its lock is released
  const locked = await lockSettledTools(search.client);
  try {
    for (const orphan of await orphansOf(search, locked, { otherJobs: false })) await remove(orphan);
  } finally {
    for (const toolId of locked) await unlock(search.client, toolId);
  }
  return remaining;
}

/** Takes the locks of all settled tools, except those that another process has just begun to export. */
async function lockSettledTools(client: Queryable): Promise<readonly ToolId[]> {
  const locked: ToolId[] = [];
  for (const toolId of await settledTools(client)) if (await tryLock(client, toolId)) locked.push(toolId);
  const still = await settledTools(client);
  for (const toolId of locked.filter((id) => !still.includes(id))) await unlock(client, toolId);
  return locked.filter((id) => still.includes(id));
}

async function settledTools(client: Queryable): Promise<readonly ToolId[]> {
  return (await client.query<{ id: ToolId }>(SETTLED)).rows.map(({ id }) => id);
}

async function unfinishedJobs({ client, rollBack }: OrphanSearch): Promise<readonly OrphanedResource[]> {
  await interruptDeadJobs(client);
  const { rows } = await client.query<UnfinishedJob>(UNFINISHED);
  return rows.map(({ jobId, toolId, status, targets }) => ({
    name: `export of ${toolId} (${status}): ${targets.join('; ')}`,
    command: `npx gulp rollback --job-id=${jobId} --bring-back`,
    remove: () => rollBack(jobId),
  }));
}

/** Asks every operation, the last one first: what runs holds files and databases, and is removed before them. */
async function orphansOf(
  { root, settings, client, ports }: OrphanSearch,
  settled: readonly ToolId[],
  { otherJobs }: { readonly otherJobs: boolean },
): Promise<readonly OrphanedResource[]> {
  const operations = PIPELINE.flatMap((step) => step.operations).toReversed();
  const tools = settled.map((toolId) => ({ toolId, names: namesOf(toolId) }));
  const found: OrphanedResource[] = [];
  for (const operation of operations)
    for (const tool of tools) found.push(...((await operation.findOrphans?.(tool, ports)) ?? []));
  const { rows } = await client.query<{ busy: boolean }>(BUSY);
  const idle = !otherJobs && rows[0]?.busy !== true;
  found.push(...(await findTemporaryFiles({ root, settings, idle })));
  // A running export has drafts of its own
  if (idle) found.push(...(await findDrafts({ root, settings, tools })));
  return found;
}

/** @throws PlatformError `database-unreachable` */
export async function withOrphanSearch<T>(
  place: Pick<OrphanSearch, 'root' | 'settings' | 'rollBack'>,
  work: (search: OrphanSearch) => Promise<T>,
): Promise<T> {
  const { databaseUrl, session } = await connect(place);
  const nothing = (): void => undefined;
  const report: ReportPort = { log: nothing, progress: nothing, gate: nothing };
  const memory = { keep: () => Promise.resolve(), get: () => undefined };
  const scope = { ...place, session, databaseUrl, report, memory, jobId: 'doctor', actor: actor() };
  const { client } = session;
  const query: OrphanPorts['query'] = async <Row>(sql: string, values: readonly unknown[]) =>
    (await client.query(sql, [...values])).rows as Row[];
  const ports = Object.assign(openPorts(scope, new AbortController().signal), { query });
  try {
    return await work({ ...place, client, databaseUrl, ports });
  } finally {
    await ports.close();
    await session.close();
  }
}

async function connect(place: Pick<OrphanSearch, 'root' | 'settings'>) {
  try {
    const databaseUrl = await openPlatformDatabase(place, { migrate: true });
    return { databaseUrl, session: await openSession(databaseUrl, 'doctor') };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlatformError('database-unreachable', `The database does not answer: ${reason}`, {
      cause: error,
    });
  }
}
