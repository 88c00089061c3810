import { PlatformError } from '../../contracts/errors.ts';
import { JOB_OUTCOMES } from '../../contracts/job.ts';
import type {
  JobOptions,
  JobOutcome,
  JobProgress,
  JobStatus,
  LogLevel,
  StepStatus,
} from '../../contracts/job.ts';
import type { StepId } from '../../contracts/plan.ts';
import { lockIsHeldSql } from './export-lock.ts';
import type { Queryable } from './pool.ts';

export interface NewJob {
  /** Set when the id was already reported; else the database generates one. */
  readonly id?: string;
  readonly toolId: string;
  readonly options: JobOptions;
  readonly actor: string;
  readonly steps: readonly { readonly id: StepId; readonly title: string }[];
}

/**
 * Inserts a `pending` job with its steps.
 * @throws PlatformError `job-running` when the tool has a pending or running job.
 */
export async function createJob(db: Queryable, job: NewJob): Promise<string> {
  await interruptDeadJobs(db);
  const { rows } = await db.query<{ id: string }>(
    `WITH job AS (
       INSERT INTO export_jobs (id, tool_id, options, actor) VALUES (coalesce($6::uuid, gen_random_uuid()), $1, $2, $3)
       ON CONFLICT (tool_id) WHERE status IN ('pending', 'in_progress') DO NOTHING RETURNING id
     ), steps AS (
       INSERT INTO export_job_steps (job_id, id, title, ordinal)
       SELECT job.id, s.id, s.title, s.ordinal
         FROM job, unnest($4::text[], $5::text[]) WITH ORDINALITY AS s (id, title, ordinal)
     ) SELECT id FROM job`,
    [
      job.toolId,
      JSON.stringify(job.options),
      job.actor,
      job.steps.map((s) => s.id),
      job.steps.map((s) => s.title),
      job.id ?? null,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined)
    throw new PlatformError(
      'job-running',
      `A job for "${job.toolId}" is running. See it with: npx gulp status --tool-id=${job.toolId}`,
    );
  return id;
}

/** No start of a process takes this long, and none is in the future. */
export const isStaleSql = (column: string): string =>
  `${column} NOT BETWEEN now() - interval '60 seconds' AND now() + interval '60 seconds'`;

const ROLLBACK_ENDED = `rollback_ended_at = CASE WHEN status = 'in_progress'
                THEN coalesce(rollback_ended_at, greatest(rollback_requested_at, now())) ELSE rollback_ended_at END`;

/** The outcome of an export whose rollback has died is the one that it had. */
const INTERRUPTED = `status = 'interrupted', outcome = coalesce(outcome, 'interrupted'),
            completed_at = greatest(started_at, now()), ${ROLLBACK_ENDED}`;

/**
 * Marks every job without a living owner as `interrupted`: a running job whose tool lock is free, and a pending
 * job that is older than a start takes, or newer than now because the clock was set back.
 */
export async function interruptDeadJobs(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `UPDATE export_jobs j SET ${INTERRUPTED}
      WHERE (j.status = 'in_progress' AND NOT ${lockIsHeldSql('j.tool_id')})
         OR (j.status = 'pending' AND ${isStaleSql('j.created_at')} AND NOT ${lockIsHeldSql('j.tool_id')})
      RETURNING id`,
  );
  return rows.map((r) => r.id);
}

/**
 * Called by the new holder of the tool lock: every other running job of the tool has lost the lock and is dead,
 * and so is a pending job that should have started.
 */
export async function interruptPredecessors(
  session: Queryable,
  toolId: string,
  own: string | null,
): Promise<void> {
  await session.query(
    `UPDATE export_jobs SET ${INTERRUPTED}
      WHERE tool_id = $1 AND id IS DISTINCT FROM $2::uuid
        AND (status = 'in_progress' OR (status = 'pending' AND ${isStaleSql('created_at')}))`,
    [toolId, own],
  );
}

export interface JobStart {
  readonly plan: unknown;
  readonly servicePort: number | null;
  readonly owner: { readonly host: string; readonly pid: number; readonly user: string };
  /** An interrupted export continues, so its outcome is open again. A running job with an outcome is being rolled back. */
  readonly resumed?: boolean;
}

/** Only the holder of the tool lock may call this. Keeps the error of an export that has failed: it is rolled back. */
export async function startJob(session: Queryable, jobId: string, start: JobStart): Promise<void> {
  await session.query(
    `UPDATE export_jobs SET status = 'in_progress', owner = $2,
            plan = coalesce($3::jsonb, plan), service_port = coalesce($4, service_port), started_at = coalesce(started_at, now()),
            completed_at = NULL, error = CASE WHEN outcome IN ('failed', 'cancelled') THEN error END,
            cancel_requested_at = CASE WHEN status = 'pending' THEN cancel_requested_at END,
            cancelled_by = CASE WHEN NOT $5::boolean THEN cancelled_by END,
            rollback_actor = CASE WHEN NOT $5::boolean THEN rollback_actor END,
            rollback_requested_at = CASE WHEN NOT $5::boolean THEN rollback_requested_at END,
            rollback_ended_at = CASE WHEN NOT $5::boolean THEN rollback_ended_at END,
            rollback_refusal = CASE WHEN NOT $5::boolean THEN rollback_refusal END,
            outcome = CASE WHEN NOT $5::boolean THEN outcome END WHERE id = $1`,
    [
      jobId,
      JSON.stringify(start.owner),
      start.plan === null ? null : JSON.stringify(start.plan),
      start.servicePort,
      start.resumed ?? false,
    ],
  );
}

export interface JobEnd {
  readonly status: JobStatus;
  readonly error?: { readonly code: string; readonly message: string; readonly step: StepId | null } | null;
  readonly result?: unknown;
  /** The person who has cancelled the export in a terminal; one who has through the API is recorded already. */
  readonly cancelledBy?: string | null;
}

export async function endJob(session: Queryable, jobId: string, end: JobEnd): Promise<void> {
  await session.query(
    `UPDATE export_jobs SET status = $2, completed_at = greatest(started_at, now()), progress = NULL,
            error = CASE WHEN $4 THEN $3::jsonb ELSE error END, result = coalesce($5::jsonb, result),
            outcome = coalesce($6, outcome), cancelled_by = coalesce(cancelled_by, $7), ${ROLLBACK_ENDED} WHERE id = $1`,
    [
      jobId,
      end.status,
      JSON.stringify(end.error ?? null),
      end.error !== undefined,
      end.result === undefined ? null : JSON.stringify(end.result),
      outcomeOf(end),
      end.cancelledBy ?? null,
    ],
  );
}

/** `null`: the outcome is the one that the job has, because the rollback of an ended export says nothing about it. */
function outcomeOf({ status, error }: JobEnd): JobOutcome | null {
  const outcome = JOB_OUTCOMES.find((known) => known === status);
  if (outcome !== undefined) return outcome;
  if (error === undefined || error === null) return null;
  return error.code === 'cancelled' ? 'cancelled' : 'failed';
}

/** Starts a step; restarts one that a dead export had started. */
export async function beginStep(session: Queryable, jobId: string, step: StepId): Promise<void> {
  await session.query(
    `UPDATE export_job_steps SET status = 'in_progress', started_at = clock_timestamp(), completed_at = NULL, elapsed_ms = NULL
      WHERE job_id = $1 AND id = $2`,
    [jobId, step],
  );
}

/** @param elapsedMs by a monotonic clock, because the system clock may have been set */
export async function endStep(
  session: Queryable,
  jobId: string,
  step: StepId,
  status: Extract<StepStatus, 'completed' | 'failed' | 'skipped'>,
  elapsedMs: number,
): Promise<void> {
  await session.query(
    `UPDATE export_job_steps SET status = $3, elapsed_ms = $4, completed_at = greatest(started_at, clock_timestamp())
      WHERE job_id = $1 AND id = $2`,
    [jobId, step, status, Math.round(elapsedMs)],
  );
}

/**
 * Marks the steps as rolled back of which the journal holds no change any more; their times are kept. A step without
 * changes is marked when no change of the job is left.
 */
export async function markStepsRolledBack(session: Queryable, jobId: string): Promise<void> {
  await session.query(
    `WITH left_over AS (SELECT change->>'step' AS step FROM export_journal WHERE job_id = $1 AND state <> 'undone')
     UPDATE export_job_steps s SET status = 'rolled_back'
      WHERE s.job_id = $1 AND s.status IN ('completed', 'in_progress')
        AND NOT EXISTS (SELECT FROM left_over l WHERE l.step = s.id)
        AND (NOT EXISTS (SELECT FROM left_over)
             OR EXISTS (SELECT FROM export_journal e WHERE e.job_id = $1 AND e.change->>'step' = s.id))`,
    [jobId],
  );
}

export async function setProgress(
  session: Queryable,
  jobId: string,
  progress: JobProgress | null,
): Promise<void> {
  await session.query('UPDATE export_jobs SET progress = $2 WHERE id = $1', [
    jobId,
    JSON.stringify(progress),
  ]);
}

export async function appendLog(
  session: Queryable,
  jobId: string,
  line: { readonly level: LogLevel; readonly step: StepId | null; readonly message: string },
): Promise<void> {
  await session.query(
    `WITH next AS (UPDATE export_jobs SET log_seq = log_seq + 1 WHERE id = $1 RETURNING log_seq)
     INSERT INTO export_job_logs (job_id, seq, level, step, message) SELECT $1, log_seq, $2, $3, $4 FROM next`,
    [jobId, line.level, line.step, line.message],
  );
}

/**
 * Requests cancellation; the owner checks the flag between and during changes. `false`: the job is not running, or is being
 * rolled back.
 */
export async function requestCancel(db: Queryable, jobId: string, actor: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE export_jobs SET cancel_requested_at = coalesce(cancel_requested_at, now()), cancelled_by = coalesce(cancelled_by, $2)
      WHERE id = $1 AND status IN ('pending', 'in_progress') AND outcome IS NULL`,
    [jobId, actor],
  );
  return rowCount === 1;
}

/** A rollback was requested that no process has begun. */
const REQUESTED = `(status <> 'in_progress' AND rollback_requested_at IS NOT NULL AND rollback_ended_at IS NULL
                AND NOT (${isStaleSql('rollback_requested_at')}))`;

/** Records who rolls a job back, before its status says so. The time of a request that no process has begun is kept. */
export async function requestRollback(db: Queryable, jobId: string, actor: string): Promise<void> {
  await db.query(
    `UPDATE export_jobs SET rollback_actor = $2, rollback_ended_at = NULL, rollback_refusal = NULL,
            rollback_requested_at = CASE WHEN ${REQUESTED} THEN rollback_requested_at ELSE now() END
      WHERE id = $1`,
    [jobId, actor],
  );
}

/** Ends a requested rollback that no process has begun; one that was begun ends with its job. */
export async function refuseRollback(db: Queryable, jobId: string, reason: string): Promise<void> {
  await db.query(
    `UPDATE export_jobs SET rollback_ended_at = greatest(rollback_requested_at, now()), rollback_refusal = $2
      WHERE id = $1 AND status <> 'in_progress' AND rollback_requested_at IS NOT NULL AND rollback_ended_at IS NULL`,
    [jobId, reason],
  );
}

/** The people for whom a job works: the one who has started it, and the one who has requested the rollback that is due. */
export async function peopleOfJob(
  db: Queryable,
  jobId: string,
): Promise<{ readonly actor: string; readonly rollbackActor: string | null }> {
  const { rows } = await db.query<{ actor: string; rollbackActor: string | null }>(
    `SELECT actor, CASE WHEN ${REQUESTED} THEN rollback_actor END AS "rollbackActor" FROM export_jobs WHERE id = $1`,
    [jobId],
  );
  return rows[0] ?? { actor: '', rollbackActor: null };
}
