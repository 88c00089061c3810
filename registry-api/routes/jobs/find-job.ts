import { PlatformError } from '../../../contracts/errors.ts';
import { parseJobId } from '../../../contracts/ids.ts';
import type { Job } from '../../../contracts/job.ts';
import { findJob } from '../../store/find-jobs.ts';
import type { Queryable } from '../../store/pool.ts';

/** @throws PlatformError `job-not-found`. */
export async function jobOf(db: Queryable, jobId: string): Promise<Job> {
  const job = await findJob(db, jobId);
  if (job === null) throw noJob(jobId);
  return job;
}

/** The job id in an address. @throws PlatformError `job-not-found` when it is not a UUID. */
export function jobIdOf({ jobId = '' }: Readonly<Record<string, string>>): string {
  try {
    return parseJobId(jobId);
  } catch {
    throw noJob(jobId);
  }
}

export const noJob = (jobId: string): PlatformError =>
  new PlatformError(
    'job-not-found',
    `Job "${jobId}" does not exist. List all jobs with GET /api/tools/export/jobs.`,
  );
