import { PlatformError } from '../../../contracts/errors.ts';
import { RUNNING_STATUSES, type Job } from '../../../contracts/job.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { requestCancel } from '../../store/jobs.ts';
import { jobIdOf, jobOf } from './find-job.ts';

export const cancelJobOperation = ({ jobRunner, onFault }: RegistryServices): Operation => ({
  id: 'cancelJob',
  kind: 'write',
  method: 'post',
  path: '/api/tools/export/jobs/{jobId}/cancel',
  tag: 'Exports',
  summary: 'Cancel a running export, which then rolls back',
  access: 'exports:run',
  responses: { 202: { description: 'Cancellation requested.', schema: 'Job' } },
  problems: [404, 409],
  handle: async ({ params, principal }, client) => {
    const job = await jobOf(client, jobIdOf(params));
    if (!RUNNING_STATUSES.includes(job.status))
      throw new PlatformError(
        'job-not-cancellable',
        `Job ${job.id} is ${job.status}; only a running export can be cancelled.`,
      );
    if (!(await requestCancel(client, job.id, principal().subject)))
      throw new PlatformError(
        'job-not-cancellable',
        `Job ${job.id} is being rolled back, and a rollback runs to its end. Wait for it: GET /api/tools/export/jobs/${job.id}`,
      );
    return { status: 202, body: await jobOf(client, job.id) };
  },
  // The job polls the database for the request; the signal only speeds it up, so a failure is only logged.
  afterwards: async (_request, reply) => {
    try {
      await jobRunner.cancel(reply.body as Job);
    } catch (error) {
      onFault(error);
    }
  },
});
