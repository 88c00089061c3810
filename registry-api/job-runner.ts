import { PlatformError } from '../contracts/errors.ts';
import type { Job } from '../contracts/job.ts';

/**
 * Runs the jobs that the routes accept. The platform provides one that starts exporter processes, which find the
 * job by its id. Calls return once the process is started; the outcome is read from the job.
 */
export interface JobRunner {
  /** @throws PlatformError when no exporter can run here. Called before a job is accepted. */
  ensureAvailable(toolId: string): Promise<void>;
  /** Starts the export of a `pending` job. */
  start(job: Job): Promise<void>;
  /** Signals the process of a running job to stop; the process rolls back. */
  cancel(job: Job): Promise<void>;
  /** Starts the rollback of a job that holds effects. */
  rollback(job: Job, options: RollbackOptions): Promise<void>;
}

/**
 * How to treat rows that the service has written since the cut-over. With neither option, a rollback that would
 * lose rows is refused.
 */
export interface RollbackOptions {
  /** Sync the rows back first. */
  readonly bringBack: boolean;
  /** Discard the rows. */
  readonly discardWrites: boolean;
}

/** For a registry without a platform: refuses every job. */
export const noJobRunner: JobRunner = {
  ensureAvailable: refuse,
  start: ({ toolId }) => refuse(toolId),
  cancel: ({ toolId }) => refuse(toolId),
  rollback: ({ toolId }) => refuse(toolId),
};

function refuse(toolId: string): Promise<void> {
  return Promise.reject(
    new PlatformError(
      'not-supported',
      `This registry runs without an exporter. Run the export in the repository: npx gulp export --tool-id=${toolId}`,
    ),
  );
}
