import pg from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { tryLock, unlock } from '../../../registry-api/store/export-lock.ts';
import { interruptDeadJobs } from '../../../registry-api/store/jobs.ts';
import { leftInDatabase } from './in-database.ts';
import { leftInState, leftInTree } from './in-folders.ts';
import type { Leftover } from './leftover.ts';
import { leftInDocker, leftProcesses } from './running.ts';
import { openDatabase } from '../../engine/open-database.ts';

interface DebrisRow {
  readonly jobId: string;
  readonly toolId: string;
  readonly status: string;
  readonly targets: readonly string[];
}

/** Effects of jobs that have ended without being completed or wholly taken back. */
const LEFT = `SELECT j.id AS "jobId", j.tool_id AS "toolId", j.status,
    array_agg(e.change->>'kind' || ' ' || (e.change->>'target') ORDER BY e.seq) AS targets
  FROM export_jobs j JOIN export_journal e ON e.job_id = j.id AND e.state <> 'undone'
 WHERE j.status NOT IN ('completed', 'in_progress', 'pending') GROUP BY j.id ORDER BY j.created_at`;

/**
 * Tools that were exported once and that no job accounts for now: neither exported nor being exported, with nothing left to
 * undo. Those that are registered no more, too: the history of their jobs outlives them. What carries the names of a tool
 * that was never exported from here is somebody else's: a service that a colleague has exported and committed, a role.
 */
const SETTLED = `SELECT known.id FROM (SELECT DISTINCT j.tool_id AS id FROM export_jobs j JOIN export_journal e ON e.job_id = j.id) AS known
  WHERE NOT EXISTS (SELECT FROM tool_registry t WHERE t.tool_id = known.id AND t.is_exported)
    AND NOT EXISTS (SELECT FROM export_jobs j WHERE j.tool_id = known.id AND j.status IN ('pending', 'in_progress'))
    AND NOT EXISTS (SELECT FROM export_jobs j JOIN export_journal e ON e.job_id = j.id AND e.state <> 'undone' WHERE j.tool_id = known.id)
  ORDER BY known.id`;

const BUSY = `SELECT EXISTS (SELECT FROM export_jobs WHERE status IN ('pending', 'in_progress')) AS busy`;

export interface DebrisPlace {
  readonly root: string;
  readonly settings: Settings;
  /** Takes a job back, in a process of its own. */
  readonly rollBack: (jobId: string) => Promise<void>;
}

/** One thing that could not be cleared, and why. */
export interface Stubborn {
  readonly what: string;
  readonly why: string;
}

/** What earlier exports have left behind. Reads only. */
export async function findDebris(client: pg.Client, place: DebrisPlace): Promise<readonly Leftover[]> {
  const jobs = await leftByJobs(client, place);
  const settled = await settledTools(client);
  return [...jobs, ...(await leftByNobody(client, place, { quiet: jobs.length === 0, of: settled }))];
}

/** Clears all of it; one thing that stays keeps no other. `said` hears of each that is gone. */
export async function clearDebris(
  client: pg.Client,
  place: DebrisPlace,
  said: (what: string) => void,
): Promise<readonly Stubborn[]> {
  const stubborn: Stubborn[] = [];
  const clear = async ({ what, clear: work }: Leftover): Promise<void> => {
    if (work === null) return;
    try {
      await work();
      said(what);
    } catch (error) {
      stubborn.push({ what, why: error instanceof Error ? error.message : String(error) });
    }
  };
  const jobs = await leftByJobs(client, place);
  for (const job of jobs) await clear(job);
  // Looked for again: the rollbacks have taken much of it along. Nobody may export such a tool until it is cleared
  const held = await hold(client);
  try {
    for (const left of await leftByNobody(client, place, { quiet: true, of: held })) await clear(left);
  } finally {
    for (const toolId of held) await unlock(client, toolId);
  }
  return stubborn;
}

/** Takes the locks of all settled tools; those that somebody has just begun with are left out. */
async function hold(client: pg.Client): Promise<readonly ToolId[]> {
  const held: ToolId[] = [];
  for (const toolId of await settledTools(client)) if (await tryLock(client, toolId)) held.push(toolId);
  const still = await settledTools(client);
  for (const toolId of held.filter((id) => !still.includes(id))) await unlock(client, toolId);
  return held.filter((id) => still.includes(id));
}

async function settledTools(client: pg.Client): Promise<readonly ToolId[]> {
  return (await client.query<{ id: ToolId }>(SETTLED)).rows.map(({ id }) => id);
}

async function leftByJobs(client: pg.Client, place: DebrisPlace): Promise<readonly Leftover[]> {
  await interruptDeadJobs(client);
  const { rows } = await client.query<DebrisRow>(LEFT);
  return rows.map((job) => ({
    what: `export of ${job.toolId} (${job.status}): ${job.targets.join('; ')}`,
    command: `npx gulp rollback --job-id=${job.jobId} --bring-back`,
    clear: () => place.rollBack(job.jobId),
  }));
}

async function leftByNobody(
  client: pg.Client,
  { root, settings }: DebrisPlace,
  { quiet, of: settled }: { readonly quiet: boolean; readonly of: readonly ToolId[] },
): Promise<readonly Leftover[]> {
  const { rows: busy } = await client.query<{ busy: boolean }>(BUSY);
  const place = { root, settings, client, settled };
  return [
    // What is running holds what lies: in this order everything can go
    ...(await leftProcesses(place)),
    ...(await leftInDocker(place)),
    ...(await leftInDatabase(place)),
    ...(await leftInTree(place)),
    ...(await leftInState({ ...place, idle: quiet && busy[0]?.busy !== true })),
  ];
}

export async function withDebrisClient<T>(
  where: Pick<DebrisPlace, 'root' | 'settings'>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(where).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlatformError('database-unreachable', `The database does not answer: ${reason}`, {
      cause: error,
    });
  });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(where: Pick<DebrisPlace, 'root' | 'settings'>): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: await openDatabase(where, { migrate: true }),
    application_name: 'doctor',
  });
  client.on('error', () => undefined); // whatever is asked next fails with it
  await client.connect();
  return client;
}
