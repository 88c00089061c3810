import { PlatformError } from '../../../contracts/errors.ts';
import { isUndoable, type Job } from '../../../contracts/job.ts';
import type { Operation } from '../../http/operation.ts';
import type { RollbackOptions } from '../../job-runner.ts';
import type { RegistryServices } from '../../services.ts';
import { jobIdOf, jobOf } from './find-job.ts';
import { parseRollbackRequest } from './rollback-request.ts';

export const rollbackJobOperation = ({ jobRunner }: RegistryServices): Operation => ({
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
  handle: async ({ params }, client) => {
    const job = await jobOf(client, jobIdOf(params));
    const refuse = (reason: string): never => {
      throw new PlatformError('job-not-undoable', `Job ${job.id} ${reason}`);
    };
    if (job.finalizedAt !== null)
      refuse(`cannot be rolled back: gulp complete ended its way back at ${job.finalizedAt}.`);
    if (!isUndoable(job)) refuse(`is ${job.status}: there is nothing to undo.`);
    if (job.options.dryRun) refuse('was a dry run and changed nothing.');
    await jobRunner.ensureAvailable(job.toolId);
    return { status: 202, body: job };
  },
  afterwards: ({ body }, reply) => jobRunner.rollback(reply.body as Job, body as RollbackOptions),
});
