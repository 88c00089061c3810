import { PlatformError } from '../../../contracts/errors.ts';
import { refuseRollback } from '../../../registry-api/store/jobs.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';

/** How a job had ended, to be restored when its rollback is refused. */
export interface JobEnding {
  readonly status: string;
  readonly completedAt: Date | null;
  readonly error: unknown;
}

/** @throws PlatformError `job-not-found` */
export async function readEnding(client: Queryable, jobId: string): Promise<JobEnding> {
  const { rows } = await client.query<JobEnding>(
    'SELECT status, completed_at AS "completedAt", error FROM export_jobs WHERE id = $1',
    [jobId],
  );
  if (rows[0] === undefined) throw new PlatformError('job-not-found', `No job ${jobId} exists.`);
  return rows[0];
}

/** @param ending with the reason of the refusal */
export async function restoreEnding(
  client: Queryable,
  jobId: string,
  ending: JobEnding & { readonly reason: string },
): Promise<void> {
  await client.query('UPDATE export_jobs SET status = $2, completed_at = $3, error = $4 WHERE id = $1', [
    jobId,
    ending.status,
    ending.completedAt,
    ending.error === null ? null : JSON.stringify(ending.error),
  ]);
  await refuseRollback(client, jobId, ending.reason);
}
