import { PlatformError } from '../../../contracts/errors.ts';
import type { Job, JobOptions } from '../../../contracts/job.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { createJob, endJob } from '../../store/jobs.ts';
import { getTool } from '../../store/tools.ts';
import { parseExportRequest } from './export-request.ts';
import { EXPORT_STEPS } from './export-steps.ts';
import { jobOf } from './find-job.ts';

export const startExportOperation = (services: RegistryServices): Operation => ({
  id: 'exportTool',
  kind: 'write',
  method: 'post',
  path: '/api/tools/{toolId}/export',
  tag: 'Exports',
  summary: 'Start an export',
  access: 'exports:run',
  body: { schema: 'ExportRequest', optional: true, parse: parseExportRequest },
  responses: {
    202: { description: 'Accepted; the job reports its progress.', schema: 'Job', headers: ['Location'] },
  },
  problems: [404, 409],
  handle: async ({ params, body, principal }, client) => {
    const { tool } = await getTool(client, params['toolId'] ?? '');
    const { toolId, isExported, serviceUrl } = tool;
    if (isExported)
      throw new PlatformError(
        'already-exported',
        `"${toolId}" is already exported to ${serviceUrl ?? 'a service'}. Roll the export back first: npx gulp rollback --tool-id=${toolId}`,
      );
    await services.jobRunner.ensureAvailable(toolId);
    const options = body as JobOptions;
    const id = await createJob(client, { toolId, options, actor: principal().subject, steps: EXPORT_STEPS });
    return {
      status: 202,
      headers: { Location: `/api/tools/export/jobs/${id}` },
      body: await jobOf(client, id),
    };
  },
  afterwards: (_request, reply) => start(services, reply.body as Job),
});

async function start({ pool, jobRunner }: RegistryServices, job: Job): Promise<void> {
  try {
    await jobRunner.start(job);
  } catch (error) {
    // The job is committed, and without a process it would stay pending.
    const reason = error instanceof Error ? error.message : String(error);
    await endJob(pool, job.id, {
      status: 'failed',
      error: { code: 'step-failed', message: `The exporter did not start: ${reason}`, step: null },
    });
    throw error;
  }
}
