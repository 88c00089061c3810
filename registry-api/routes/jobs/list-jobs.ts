import { parseJobId } from '../../../contracts/ids.ts';
import { JOB_OUTCOMES, JOB_STATUSES } from '../../../contracts/job.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { badCursor } from '../../store/cursor.ts';
import { listJobs, type JobFilter } from '../../store/find-jobs.ts';
import { PAGE } from '../page-parameters.ts';

export const listJobsOperation = ({ pool }: RegistryServices): Operation => ({
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
    outcome: {
      type: 'string',
      enum: JOB_OUTCOMES,
      description:
        'How the export itself ended: "failed" finds exports that were rolled back after a failure, too.',
    },
    q: { type: 'string', maxLength: 200, description: 'Part of the tool’s id, the actor or the error.' },
    ...PAGE,
  },
  responses: { 200: { description: 'A page of jobs, without their log lines.', schema: 'JobPage' } },
  handle: async ({ query }) => {
    const { cursor, ...filter } = query as unknown as JobFilter & { cursor?: string };
    const after = cursor === undefined ? {} : { after: parseCursor(cursor) };
    return { status: 200, body: await listJobs(pool, { ...filter, ...after }) };
  },
});

/** The cursor of this list is the id of the last job returned. @throws PlatformError `bad-request`. */
function parseCursor(cursor: string): string {
  try {
    return parseJobId(cursor);
  } catch {
    throw badCursor();
  }
}
