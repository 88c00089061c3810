import { PlatformError } from '../contracts/errors.ts';
import type { Job } from '../contracts/job.ts';

/**
 * Carries out what the job routes accept. The host of the registry (the platform's server) gives one; it starts
 * processes of the exporter, which find the job by its id. Calls return when the work has been handed over, not
 * when it is done; what becomes of it is read from the job.
 */
export interface JobRunner {
  /** Starts the export of a `pending` job. */
  start(job: Job): Promise<void>;
  /** Asks the process of a running job to stop; it rolls back by itself. */
  cancel(job: Job): Promise<void>;
  /** Starts the rollback of a job that holds effects. */
  rollback(job: Job, options: RollbackOptions): Promise<void>;
}

/** What becomes of the rows that a service has written since the switch. Neither: losing any is refused. */
export interface RollbackOptions {
  /** Copy them home first. */
  readonly bringBack: boolean;
  /** Lose them knowingly. */
  readonly discardWrites: boolean;
}

/** For a registry that runs alone: accepts nothing. */
export const noJobRunner: JobRunner = {
  start: refuse,
  cancel: refuse,
  rollback: refuse,
};

function refuse(job: Job): Promise<void> {
  return Promise.reject(
    new PlatformError(
      'not-supported',
      `This registry runs without an exporter. Run it in the repository: npx gulp export --tool-id=${job.toolId}`,
    ),
  );
}
