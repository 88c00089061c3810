import { PlatformError } from '../../../contracts/errors.ts';
import type { Plan } from '../../../contracts/plan.ts';
import { unregisteredHint } from '../../engine/registered-tools.ts';
import { lastUndoableJob, type LastJob } from '../../engine/resume.ts';
import type { Session } from '../../engine/session.ts';
import { verificationOf } from './verification.ts';

/** A completed and verified export of the tool. */
export type ExportToComplete = LastJob & { readonly plan: Plan };

/**
 * @throws PlatformError `nothing-to-complete`, `job-running`, `rollback-first`, `not-verified`
 */
export async function findExport(session: Session, toolId: string): Promise<ExportToComplete> {
  const job = await lastUndoableJob(session, toolId, null);
  const [state] = (
    await session.client.query<{ exported: boolean; running: string | null }>(
      `SELECT is_exported AS exported, (SELECT id FROM export_jobs j
          WHERE j.tool_id = t.tool_id AND j.status IN ('pending', 'in_progress') LIMIT 1) AS running
         FROM tool_registry t WHERE tool_id = $1`,
      [toolId],
    )
  ).rows;
  if (state === undefined)
    throw new PlatformError(
      'tool-not-found',
      `No tool "${toolId}" is registered. ${(await unregisteredHint(session.client, toolId)) ?? ''}`,
    );
  if (state.running !== null)
    throw new PlatformError(
      'job-running',
      `Job ${state.running} of "${toolId}" is running. Wait for its end: npx gulp status --tool-id=${toolId}`,
    );
  if (job !== null && job.status !== 'completed')
    throw new PlatformError(
      'rollback-first',
      `Job ${job.id} of "${toolId}" is ${job.status}, and has left ${job.open} changes. Bring it to its end first: npx gulp status --tool-id=${toolId}`,
    );
  if (job === null || job.plan === null || !state.exported)
    throw new PlatformError(
      'nothing-to-complete',
      `"${toolId}" has no completed export in this registry. See: npx gulp status --tool-id=${toolId}`,
    );
  const problem = verificationOf(job.plan, job.result);
  if (problem !== null)
    throw new PlatformError(
      'not-verified',
      `The rows of job ${job.id} are not verified: ${problem}. Roll it back, then export again: npx gulp rollback --job-id=${job.id}`,
    );
  return { ...job, plan: job.plan };
}
