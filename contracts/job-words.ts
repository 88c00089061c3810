import { isRollingBack, RUNNING_STATUSES, type Job, type JobOutcome, type JobStatus } from './job.ts';

/** Every way in which a job stands or has ended, as lists, filters, pages and terminals tell them apart. */
export const JOB_STATES = [
  'waiting',
  'running',
  'cancelling',
  'failing',
  'rolling-back',
  'completed',
  'failed',
  'failed-rolled-back',
  'cancelled',
  'interrupted',
  'interrupted-rolled-back',
  'rolled-back',
  'rollback-incomplete',
  'rollback-interrupted',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What the state of a job follows from. Without the optional fields, only its status and its outcome tell. */
export type JobFacts = Pick<Job, 'status' | 'outcome'> &
  Partial<Pick<Job, 'rollback' | 'cancelledBy'>> & {
    readonly steps?: readonly Pick<Job['steps'][number], 'status'>[];
  };

/** The state of a job. */
export function jobState(job: JobFacts): JobState {
  if (isRollingBack({ rollback: job.rollback ?? null })) return 'rolling-back';
  if (RUNNING_STATUSES.includes(job.status)) return stateAtWork(job);
  if (job.status === 'rolled_back') return ROLLED_BACK[job.outcome ?? 'completed'];
  if (job.status === 'rollback_failed') return 'rollback-incomplete';
  // The rollback of an export that had ended has died
  if (job.status === 'interrupted' && !isUndecided(job.outcome)) return 'rollback-interrupted';
  return ENDED[job.status];
}

const isUndecided = (outcome: JobOutcome | null): boolean => outcome === null || outcome === 'interrupted';

/** An export whose step has failed rolls back what it has done. */
function stateAtWork({ status, cancelledBy, steps = [] }: JobFacts): JobState {
  if ((cancelledBy ?? null) !== null) return 'cancelling';
  if (status === 'pending') return 'waiting';
  return steps.some((step) => step.status === 'failed') ? 'failing' : 'running';
}

const ROLLED_BACK: Readonly<Record<JobOutcome, JobState>> = {
  completed: 'rolled-back',
  failed: 'failed-rolled-back',
  cancelled: 'cancelled',
  interrupted: 'interrupted-rolled-back',
};

const ENDED: Readonly<Record<JobStatus, JobState>> = {
  pending: 'waiting',
  in_progress: 'running',
  completed: 'completed',
  failed: 'failed',
  rolled_back: 'rolled-back',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  rollback_failed: 'rollback-incomplete',
};

const WORDS: Readonly<Record<JobState, string>> = {
  waiting: 'Waiting',
  running: 'In progress',
  cancelling: 'Cancelling',
  failing: 'Failed, rolling back',
  'rolling-back': 'Rolling back',
  completed: 'Completed',
  failed: 'Failed',
  'failed-rolled-back': 'Failed, rolled back',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  'interrupted-rolled-back': 'Interrupted, rolled back',
  'rolled-back': 'Rolled back',
  'rollback-incomplete': 'Rollback incomplete',
  'rollback-interrupted': 'Rollback interrupted',
};

/** In front of a rollback that did not end well: how the export itself had ended. */
const BEFORE: Readonly<Record<JobOutcome, string>> = {
  completed: '',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

/**
 * The state of a job in words, with the person who has cancelled it or has rolled it back: an export that failed is told
 * apart from one that a user has rolled back.
 */
export function jobWords(job: JobFacts): string {
  const state = jobState(job);
  const words = WORDS[state];
  if (state === 'cancelled') return by(words, job.cancelledBy);
  if (state === 'rolling-back') return by(`${words}, requested`, job.rollback?.actor);
  if (state === 'rolled-back' || state === 'failed-rolled-back' || state === 'interrupted-rolled-back')
    return by(words, job.rollback?.actor);
  if (state === 'rollback-incomplete' || state === 'rollback-interrupted') {
    const before = BEFORE[job.outcome ?? 'completed'];
    return before === '' ? words : `${before}, ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
  }
  return words;
}

const by = (words: string, person: string | null | undefined): string =>
  (person ?? '') === '' ? words : `${words} by ${person ?? ''}`;
