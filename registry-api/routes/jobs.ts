import { parseJobId } from '../../contracts/ids.ts';
import { PlatformError } from '../../contracts/errors.ts';
import {
  JOB_STATUSES,
  RUNNING_STATUSES,
  UNDOABLE_STATUSES,
  type Job,
  type JobOptions,
} from '../../contracts/job.ts';
import type { Operation } from '../http/operation.ts';
import {
  createJob,
  endJob,
  findJob,
  listJobs,
  requestCancel,
  type JobFilter,
  type Queryable,
} from '../store/jobs.ts';
import { getTool } from '../store/tools.ts';
import type { RollbackOptions } from '../job-runner.ts';
import { parseExportRequest } from './export-request.ts';
import { EXPORT_STEPS } from './export-steps.ts';
import { parseRollbackRequest } from './rollback-request.ts';
import type { RegistryServices } from '../services.ts';

/** Exports of tools, as jobs. */
export function jobOperations({ pool, jobRunner, onFault }: RegistryServices): readonly Operation[] {
  return [
    {
      id: 'exportTool',
      kind: 'write',
      method: 'post',
      path: '/api/tools/{toolId}/export',
      tag: 'Exports',
      summary: 'Start an export',
      access: 'exports:run',
      body: { schema: 'ExportRequest', optional: true, parse: parseExportRequest },
      responses: {
        202: { description: 'Accepted; the job tells how it goes.', schema: 'Job', headers: ['Location'] },
      },
      problems: [404, 409],
      handle: async ({ params, body, principal }, client) => {
        const { tool } = await getTool(client, params['toolId'] ?? '');
        const options = body as JobOptions;
        if (tool.isExported)
          throw new PlatformError(
            'already-exported',
            `"${tool.toolId}" has moved to ${tool.serviceUrl ?? 'a service'} already. Take it back first: npx gulp rollback --tool-id=${tool.toolId}`,
          );
        const id = await createJob(client, {
          toolId: tool.toolId,
          options,
          actor: principal().subject,
          steps: EXPORT_STEPS,
        });
        return {
          status: 202,
          headers: { Location: `/api/tools/export/jobs/${id}` },
          body: await jobOf(client, id),
        };
      },
      afterwards: async (_request, reply) => {
        const job = reply.body as Job;
        try {
          await jobRunner.start(job);
        } catch (error) {
          // The job is committed: it must not stay "pending" for work that nobody has taken.
          await endJob(pool, job.id, {
            status: 'failed',
            error: {
              code: 'step-failed',
              message: `The exporter did not start: ${messageOf(error)}`,
              step: null,
            },
          });
          throw error;
        }
      },
    },
    {
      id: 'listJobs',
      kind: 'read',
      method: 'get',
      path: '/api/tools/export/jobs',
      tag: 'Exports',
      summary: 'List export jobs, newest first',
      access: 'read',
      query: {
        toolId: { type: 'string', maxLength: 50 },
        status: { type: 'string', enum: JOB_STATUSES },
        q: { type: 'string', maxLength: 200, description: 'Part of the tool’s id, the actor or the error.' },
        limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
        cursor: { type: 'string', maxLength: 1000 },
      },
      responses: { 200: { description: 'A page of jobs, without their log lines.', schema: 'JobPage' } },
      handle: async ({ query }) => {
        const { cursor, ...filter } = query as unknown as JobFilter & { cursor?: string };
        const after = cursor === undefined ? {} : { after: jobIdOf(cursor, 'cursor') };
        return { status: 200, body: await listJobs(pool, { ...filter, ...after }) };
      },
    },
    {
      id: 'getJob',
      kind: 'read',
      method: 'get',
      path: '/api/tools/export/jobs/{jobId}',
      tag: 'Exports',
      summary: 'One job with its steps and log',
      access: 'read',
      responses: { 200: { description: 'The job.', schema: 'Job' } },
      problems: [404],
      handle: async ({ params }) => ({
        status: 200,
        body: await jobOf(pool, jobIdOf(params['jobId'] ?? '')),
      }),
    },
    {
      id: 'cancelJob',
      kind: 'write',
      method: 'post',
      path: '/api/tools/export/jobs/{jobId}/cancel',
      tag: 'Exports',
      summary: 'Stop a running job; it takes back what it has done',
      access: 'exports:run',
      responses: { 202: { description: 'Asked to stop.', schema: 'Job' } },
      problems: [404, 409],
      handle: async ({ params }, client) => {
        const job = await jobOf(client, jobIdOf(params['jobId'] ?? ''));
        if (!RUNNING_STATUSES.includes(job.status) || !(await requestCancel(client, job.id)))
          throw new PlatformError(
            'job-not-cancellable',
            `Job ${job.id} is ${job.status}; only a running one can be cancelled.`,
          );
        return { status: 202, body: job };
      },
      afterwards: (_request, reply) => handOver(() => jobRunner.cancel(reply.body as Job), onFault),
    },
    {
      id: 'rollbackJob',
      kind: 'write',
      method: 'post',
      path: '/api/tools/export/jobs/{jobId}/rollback',
      tag: 'Exports',
      summary: 'Undo what a job has done',
      access: 'exports:run',
      body: { schema: 'RollbackRequest', optional: true, parse: parseRollbackRequest },
      responses: { 202: { description: 'Accepted; the job tells how it goes.', schema: 'Job' } },
      problems: [404, 409],
      handle: async ({ params }, client) => {
        const job = await jobOf(client, jobIdOf(params['jobId'] ?? ''));
        if (!UNDOABLE_STATUSES.includes(job.status))
          throw new PlatformError(
            'job-not-undoable',
            `Job ${job.id} is ${job.status}: there is nothing to undo.`,
          );
        if (job.options.dryRun)
          throw new PlatformError('job-not-undoable', `Job ${job.id} was a dry run: it has changed nothing.`);
        return { status: 202, body: job };
      },
      afterwards: ({ body }, reply) => jobRunner.rollback(reply.body as Job, body as RollbackOptions),
    },
  ];
}

/** The request to stop is in the database already, where the job looks for it; the signal only makes it sooner. */
async function handOver(work: () => Promise<void>, onFault: (error: unknown) => void): Promise<void> {
  await work().catch(onFault);
}

async function jobOf(db: Queryable, jobId: string): Promise<Job> {
  const job = await findJob(db, jobId);
  if (job === null) throw noJob(jobId);
  return job;
}

/** @throws PlatformError `job-not-found`, or `bad-request` for a cursor. */
export function jobIdOf(text: string, as: 'path' | 'cursor' = 'path'): string {
  try {
    return parseJobId(text);
  } catch {
    if (as === 'path') throw noJob(text);
    throw new PlatformError('bad-request', 'cursor is not one of this list. Start again without it.', {
      errors: [{ pointer: '/query/cursor', message: 'is not a cursor of this list' }],
    });
  }
}

export const noJob = (jobId: string): PlatformError =>
  new PlatformError(
    'job-not-found',
    `No job "${jobId}" exists. GET /api/tools/export/jobs lists those that do.`,
  );

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
