import { PlatformError } from '../../../contracts/errors.ts';
import { isAtWork, isUndoable, type Job } from '../../../contracts/job.ts';
import type { Operation } from '../../http/operation.ts';
import type { RollbackOptions } from '../../job-runner.ts';
import type { RegistryServices } from '../../services.ts';
import { refuseRollback, requestRollback } from '../../store/jobs.ts';
import { jobIdOf, jobOf } from './find-job.ts';
import { parseRollbackRequest } from './rollback-request.ts';

export const rollbackJobOperation = (services: RegistryServices): Operation => ({
  id: 'rollbackJob',
  kind: 'write',
  method: 'post',
  path: '/api/tools/export/jobs/{jobId}/rollback',
  tag: 'Exports',
  summary: 'Roll a job back',
  access: 'exports:run',
  body: { schema: 'RollbackRequest', optional: true, parse: parseRollbackRequest },
  responses: { 202: { description: 'Accepted; the job reports its progress.', schema: 'Job' } },
  problems: [404, 409],
  handle: async ({ params, principal }, client) => {
    const job = await jobOf(client, jobIdOf(params));
    const refuse = (reason: string): never => {
      throw new PlatformError('job-not-undoable', `Job ${job.id} ${reason}`);
    };
    if (job.finalizedAt !== null)
      refuse(`cannot be rolled back: gulp complete ended its way back at ${job.finalizedAt}.`);
    if (isAtWork(job)) refuse('is at work. Wait for its end, then roll it back.');
    if (job.options.dryRun) refuse('was a dry run and changed nothing.');
    if (!isUndoable(job)) refuse(`is ${job.status}: there is nothing to undo.`);
    await services.jobRunner.ensureAvailable(job.toolId);
    await requestRollback(client, job.id, principal().subject);
    return { status: 202, body: await jobOf(client, job.id) };
  },
  afterwards: ({ body }, reply) => start(services, reply.body as Job, body as RollbackOptions),
});

async function start(
  { pool, jobRunner }: RegistryServices,
  job: Job,
  options: RollbackOptions,
): Promise<void> {
  try {
    await jobRunner.rollback(job, options);
  } catch (error) {
    // The request is committed, and without a process it would stay open.
    const reason = error instanceof Error ? error.message : String(error);
    await refuseRollback(pool, job.id, `The exporter did not start: ${reason}`);
    throw error;
  }
}
