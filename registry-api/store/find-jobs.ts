import type { Job, JobLog, JobOutcome, JobStatus, JobStep } from '../../contracts/job.ts';
import type { Page } from '../../contracts/tool.ts';
import { lockIsHeldSql } from './export-lock.ts';
import { resultOf, type StoredResult } from './job-result.ts';
import { isStaleSql } from './jobs.ts';
import type { Queryable } from './pool.ts';

interface JobRow
  extends Omit<Job, 'steps' | 'logs' | 'stepsCompleted' | 'stepsTotal' | 'result'>, StoredResult {
  readonly steps: readonly JobStep[];
}

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const iso = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', ${ISO})`;

/** A request whose process has never come to work, and never will, is none. */
const ROLLBACK = `CASE WHEN j.rollback_requested_at IS NULL THEN NULL
    WHEN j.rollback_ended_at IS NULL AND j.status <> 'in_progress' AND ${isStaleSql('j.rollback_requested_at')}
      AND NOT ${lockIsHeldSql('j.tool_id')} THEN NULL
    ELSE json_build_object('actor', j.rollback_actor, 'requestedAt', ${iso('j.rollback_requested_at')},
      'endedAt', ${iso('j.rollback_ended_at')}, 'refusal', j.rollback_refusal) END`;

const JOB_COLUMNS = `j.id, j.tool_id AS "toolId", j.status,
  CASE WHEN j.status NOT IN ('pending', 'in_progress') THEN j.outcome END AS outcome, j.options, j.actor, j.progress, j.error,
  j.result->'cutover' AS cutover, j.result->'summary' AS summary,
  (SELECT count(*)::int FROM export_journal e WHERE e.job_id = j.id AND e.state <> 'undone') AS "openChanges",
  j.cancelled_by AS "cancelledBy", ${ROLLBACK} AS rollback,
  ${iso('j.created_at')} AS "createdAt", ${iso('j.started_at')} AS "startedAt", ${iso('j.completed_at')} AS "completedAt",
  j.result->'completion'->>'finalizedAt' AS "finalizedAt",
  (SELECT coalesce(json_agg(json_build_object('id', s.id, 'title', s.title, 'status', s.status,
      'startedAt', ${iso('s.started_at')}, 'completedAt', ${iso('s.completed_at')},
      'ms', coalesce(s.elapsed_ms, round(extract(epoch FROM s.completed_at - s.started_at) * 1000))) ORDER BY s.ordinal), '[]')
     FROM export_job_steps s WHERE s.job_id = j.id) AS steps`;

function toJob({ cutover, summary, ...row }: JobRow, logs: readonly JobLog[]): Job {
  return {
    ...row,
    result: resultOf({ cutover, summary }),
    stepsCompleted: row.steps.filter((s) => s.status === 'completed').length,
    stepsTotal: row.steps.length,
    logs,
  };
}

/** The job with its log lines, or `null`. */
export async function findJob(db: Queryable, jobId: string): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(`SELECT ${JOB_COLUMNS} FROM export_jobs j WHERE j.id = $1`, [
    jobId,
  ]);
  return rows[0] ? toJob(rows[0], await readLogs(db, jobId, 0)) : null;
}

/** The job without its log lines, or `null`. `worked`: a living session holds the tool lock. */
export async function findJobState(
  db: Queryable,
  jobId: string,
): Promise<{ readonly job: Job; readonly worked: boolean } | null> {
  const { rows } = await db.query<JobRow & { worked: boolean }>(
    `SELECT ${JOB_COLUMNS}, ${lockIsHeldSql('j.tool_id')} AS worked FROM export_jobs j WHERE j.id = $1`,
    [jobId],
  );
  if (rows[0] === undefined) return null;
  const { worked, ...row } = rows[0];
  return { job: toJob(row, []), worked };
}

/** Log lines after `afterSeq`, in order. */
export async function readLogs(db: Queryable, jobId: string, afterSeq: number): Promise<readonly JobLog[]> {
  const { rows } = await db.query<JobLog>(
    `SELECT seq, ${iso('at')} AS timestamp, level, step, message
       FROM export_job_logs WHERE job_id = $1 AND seq > $2 ORDER BY seq`,
    [jobId, afterSeq],
  );
  return rows;
}

export interface JobFilter {
  readonly toolId?: string;
  readonly status?: JobStatus;
  readonly outcome?: JobOutcome;
  /** Part of the tool id, the actor or the error. */
  readonly q?: string;
  readonly limit: number;
  /** Id of the last job returned: the cursor. */
  readonly after?: string;
}

/**
 * Newest first, without log lines. Keyset pagination over the insertion order, because clocks may be set back.
 * `nextCursor` is the id of the last row.
 */
export async function listJobs(db: Queryable, filter: JobFilter): Promise<Page<Job>> {
  const where = `($1::text IS NULL OR j.tool_id = $1) AND ($2::text IS NULL OR j.status = $2)
    AND ($4::text IS NULL OR (j.outcome = $4 AND j.status NOT IN ('pending', 'in_progress')))
    AND ($3::text IS NULL OR strpos(lower(j.tool_id || ' ' || j.actor || ' ' || coalesce(j.error::text, '')), lower($3)) > 0)`;
  const values = [filter.toolId ?? null, filter.status ?? null, filter.q ?? null, filter.outcome ?? null];
  const { rows } = await db.query<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM export_jobs j WHERE ${where}
        AND ($5::uuid IS NULL OR j.ordinal < (SELECT c.ordinal FROM export_jobs c WHERE c.id = $5))
      ORDER BY j.ordinal DESC LIMIT $6`,
    [...values, filter.after ?? null, filter.limit + 1],
  );
  const total = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM export_jobs j WHERE ${where}`,
    values,
  );
  const page = rows.slice(0, filter.limit).map((row) => toJob(row, []));
  return {
    data: page,
    nextCursor: rows.length > filter.limit ? (page.at(-1)?.id ?? null) : null,
    total: total.rows[0]?.n ?? 0,
  };
}
