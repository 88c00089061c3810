import type { Job, JobOutcome, JobStatus } from './job.ts';

const WORDS: Readonly<Record<JobStatus, string>> = {
  pending: 'Waiting',
  in_progress: 'In progress',
  completed: 'Completed',
  failed: 'Failed',
  rolled_back: 'Rolled back',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  rollback_failed: 'Rollback incomplete',
};

/** Where the status alone does not tell how the export ended. */
const WORDS_BY_OUTCOME: Partial<Record<JobStatus, Partial<Record<JobOutcome, string>>>> = {
  rolled_back: {
    failed: 'Failed, rolled back',
    cancelled: 'Cancelled',
    interrupted: 'Interrupted, rolled back',
  },
  rollback_failed: {
    failed: 'Failed, rollback incomplete',
    cancelled: 'Cancelled, rollback incomplete',
    interrupted: 'Interrupted, rollback incomplete',
  },
  interrupted: {
    completed: 'Rollback interrupted',
    failed: 'Failed, rollback interrupted',
    cancelled: 'Cancelled, rollback interrupted',
  },
};

/** The state of a job in words: an export that failed is told apart from one that a user has rolled back. */
export function jobWords({ status, outcome }: Pick<Job, 'status' | 'outcome'>): string {
  return (outcome === null ? undefined : WORDS_BY_OUTCOME[status]?.[outcome]) ?? WORDS[status];
}
