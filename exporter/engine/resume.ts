import { PlatformError } from '../../contracts/errors.ts';
import { UNDOABLE_STATUSES, type JobStatus } from '../../contracts/job.ts';
import type { Plan } from '../../contracts/plan.ts';
import { interruptDeadJobs } from '../../registry-api/store/jobs.ts';
import type { Session } from './session.ts';

export interface LastJob {
  readonly id: string;
  readonly status: JobStatus;
  readonly plan: Plan | null;
  readonly servicePort: number | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  /** Journal rows that have not been undone. */
  readonly open: number;
}

const LAST_JOB = `SELECT id, status, plan, service_port AS "servicePort", result,
    (SELECT count(*)::int FROM export_journal e WHERE e.job_id = j.id AND e.state <> 'undone') AS open
  FROM export_jobs j`;

/** The newest job of the tool that may have effects, or `null`. Marks jobs without a living owner first. */
export async function lastUndoableJob(
  session: Session,
  toolId: string,
  except: string | null,
): Promise<LastJob | null> {
  await interruptDeadJobs(session.client);
  const { rows } = await session.client.query<LastJob>(
    `${LAST_JOB} WHERE tool_id = $1 AND status = ANY ($2) AND id IS DISTINCT FROM $3::uuid
        AND EXISTS (SELECT 1 FROM export_journal e WHERE e.job_id = j.id AND e.state <> 'undone')
      ORDER BY ordinal DESC LIMIT 1`,
    [toolId, [...UNDOABLE_STATUSES, 'cancelled', 'rolled_back', 'in_progress'], except],
  );
  return rows[0] ?? null;
}

export async function undoableJob(
  session: Session,
  jobId: string,
): Promise<(LastJob & { readonly toolId: string }) | null> {
  const { rows } = await session.client.query<LastJob & { readonly toolId: string }>(
    `${LAST_JOB.replace('SELECT id,', 'SELECT tool_id AS "toolId", id,')} WHERE id = $1`,
    [jobId],
  );
  return rows[0] ?? null;
}

/**
 * @throws PlatformError `rollback-first` when an export that died, or whose rollback was incomplete, has left changes.
 */
export async function refuseUnfinishedJob(
  session: Session,
  toolId: string,
  jobId: string | null,
): Promise<void> {
  const last = await lastUndoableJob(session, toolId, jobId);
  if (last === null || last.status === 'completed') return;
  const rollback = `npx gulp rollback --job-id=${last.id}`;
  const ways =
    last.status === 'interrupted'
      ? `Resume it with: npx gulp export --tool-id=${toolId} --resume — or roll it back with: ${rollback}`
      : `Roll it back with: ${rollback}`;
  throw new PlatformError(
    'rollback-first',
    `Job ${last.id} (${last.status}) has left ${last.open} changes. ${ways}`,
  );
}

/**
 * The tool's interrupted export, to be resumed with the plan that it had.
 * @throws PlatformError `nothing-to-roll-back` when there is none.
 */
export async function findInterrupted(
  session: Session,
  toolId: string,
): Promise<LastJob & { readonly plan: Plan }> {
  const last = await lastUndoableJob(session, toolId, null);
  if (last?.status !== 'interrupted' || last.plan === null)
    throw new PlatformError(
      'nothing-to-roll-back',
      `No interrupted export of "${toolId}" can be resumed. Start one with: npx gulp export --tool-id=${toolId}`,
    );
  return { ...last, plan: last.plan };
}
