import type pg from 'pg';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { JobRunner } from '../../../registry-api/job-runner.ts';
import { lockIsHeldSql } from '../../../registry-api/store/export-lock.ts';
import { findJob } from '../../../registry-api/store/find-jobs.ts';
import { interruptDeadJobs } from '../../../registry-api/store/jobs.ts';

/** Exports whose process has died while their tool refuses writes, or while their copy follows its writes. */
const ABANDONED = `
  SELECT j.id, bool_or(e.change ->> 'kind' <> 'publish-changes') AS "refusesWrites"
    FROM export_jobs j JOIN export_journal e
      ON e.job_id = j.id AND e.state <> 'undone' AND e.change ->> 'kind' IN ('fence-tables', 'switch-over', 'publish-changes')
   WHERE j.status = 'interrupted' AND NOT ${lockIsHeldSql('j.tool_id')}
   GROUP BY j.id`;

/** Seconds in which an export whose copy follows can be resumed: until its end, the server keeps WAL for it. */
const FOLLOWING_S = 3_600;

/** Seconds for a rollback to start and to take the lock. */
const TRY_AGAIN_S = 120;

export interface AbandonedExportsOptions {
  readonly pool: pg.Pool;
  readonly jobRunner: Pick<JobRunner, 'rollback'>;
  /** Seconds after which an export without a process counts as abandoned when the tool refuses writes; `null`: never. */
  readonly afterS: number | null;
  readonly logger: ToolLogger;
}

/**
 * Rolls back exports that were abandoned with their fence standing, and an hour later those whose replication slot keeps WAL,
 * so that no person has to notice. Rows that the service has written since are synced back.
 */
export function rollBackAbandonedExports(options: AbandonedExportsOptions): () => Promise<void> {
  const { pool, jobRunner, afterS, logger } = options;
  /** When each job is due (`performance.now()`). */
  const due = new Map<string, number>();
  return async () => {
    if (afterS === null) return;
    await interruptDeadJobs(pool);
    const { rows } = await pool.query<{ id: string; refusesWrites: boolean }>(ABANDONED);
    for (const known of due.keys()) if (!rows.some(({ id }) => id === known)) due.delete(known);
    const now = performance.now();
    for (const { id, refusesWrites } of rows) {
      const at = due.get(id) ?? now + (refusesWrites ? afterS : Math.max(afterS, FOLLOWING_S)) * 1_000;
      due.set(id, at);
      if (now < at) continue;
      const job = await findJob(pool, id);
      if (job === null) continue;
      due.set(id, now + TRY_AGAIN_S * 1_000);
      logger.warn(
        { job: id, tool: job.toolId },
        'the process of an export has died and the export is rolled back',
      );
      await jobRunner.rollback(job, { bringBack: true, discardWrites: false });
    }
  };
}
