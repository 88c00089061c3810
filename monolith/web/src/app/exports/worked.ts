import { RUNNING_STATUSES, type Job, type JobStep } from '#contracts/job';

/**
 * Milliseconds of the job's own work: its steps, without the time between a crash and its resumption, or between the
 * export and its rollback. `null` before it has begun.
 */
export function workedMs(job: Job, now: number): number | null {
  const times = job.steps.map((step) => stepMs(job, step, now)).filter((ms) => ms !== null);
  return times.length === 0 ? null : times.reduce((sum, ms) => sum + ms, 0);
}

/** Milliseconds of one step; `null` when it has not begun, or died with its job. */
export function stepMs(job: Job, step: JobStep, now: number): number | null {
  if (step.ms !== null) return step.ms;
  if (step.status !== 'in_progress' || step.startedAt === null || !RUNNING_STATUSES.includes(job.status))
    return null;
  return Math.max(0, now - Date.parse(step.startedAt));
}
