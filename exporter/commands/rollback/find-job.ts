import { PlatformError } from '../../../contracts/errors.ts';
import { unregisteredHint } from '../../engine/registered-tools.ts';
import { lastUndoableJob, undoableJob, type LastJob } from '../../engine/resume.ts';
import type { Session } from '../../engine/session.ts';
import { refuseEndedWayBack } from '../../engine/way-back.ts';
import type { RollbackCommand } from './rollback-flags.ts';

/** The job that a rollback undoes. */
export interface JobToUndo {
  readonly toolId: string;
  readonly job: LastJob;
}

/** @throws PlatformError `job-not-found`, `nothing-to-roll-back`, `job-not-undoable` */
export async function findJobToUndo(session: Session, command: RollbackCommand): Promise<JobToUndo> {
  const found = await findJob(session, command);
  refuseEndedWayBack(found.job, found.toolId);
  return found;
}

async function findJob(session: Session, command: RollbackCommand): Promise<JobToUndo> {
  if (command.jobId !== null) return jobById(session, command.jobId, command.toolId);
  const toolId = command.toolId ?? '';
  const job = await lastUndoableJob(session, toolId, null);
  if (job === null) {
    const hint = await unregisteredHint(session.client, toolId);
    throw hint === null
      ? nothingToUndo(`"${toolId}"`)
      : new PlatformError('tool-not-found', `No tool "${toolId}" is registered. ${hint}`);
  }
  return { toolId, job };
}

async function jobById(session: Session, jobId: string, toolId: string | null): Promise<JobToUndo> {
  const job = await undoableJob(session, jobId);
  if (job === null)
    throw new PlatformError('job-not-found', `No job ${jobId} exists. List them with: npx gulp status`);
  if (toolId !== null && toolId !== job.toolId)
    throw new PlatformError('job-not-found', `Job ${job.id} belongs to "${job.toolId}", not to "${toolId}".`);
  if (job.open === 0) throw nothingToUndo(`Job ${job.id} (${job.status})`);
  return { toolId: job.toolId, job };
}

function nothingToUndo(subject: string): PlatformError {
  return new PlatformError(
    'nothing-to-roll-back',
    `${subject} has no export that could be rolled back. See: npx gulp status`,
  );
}
