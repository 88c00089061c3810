import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { jobIdOf, jobOf } from './find-job.ts';

export const getJobOperation = ({ pool }: RegistryServices): Operation => ({
  id: 'getJob',
  kind: 'read',
  method: 'get',
  path: '/api/tools/export/jobs/{jobId}',
  tag: 'Exports',
  summary: 'One job with its steps and log',
  access: 'read',
  responses: { 200: { description: 'The job.', schema: 'Job' } },
  problems: [404],
  handle: async ({ params }) => ({ status: 200, body: await jobOf(pool, jobIdOf(params)) }),
});
