import { PlatformError } from '../../../contracts/errors.ts';
import type { ApiRequest, Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { findJobState } from '../../store/find-jobs.ts';
import { jobIdOf, noJob } from './find-job.ts';
import { followJob, openStream } from './follow-job.ts';

const MAX_STREAMS = 1_000;

export const jobEventsOperation = (services: RegistryServices): Operation => ({
  id: 'jobEvents',
  kind: 'stream',
  method: 'get',
  path: '/api/tools/export/jobs/{jobId}/events',
  tag: 'Exports',
  summary: 'Follow a job as server-sent events',
  description:
    'Events: `log` (a log line; its id is the line’s `seq`), `job` (the job without its lines), `end`. ' +
    'Send `Last-Event-ID` to continue after a line.',
  access: 'read',
  headers: ['Last-Event-ID'],
  responses: { 200: { description: 'The stream.', contentType: 'text/event-stream' } },
  problems: [404, 503],
  handle: async (request, response) => {
    const jobId = jobIdOf(request.params);
    if ((await findJobState(services.pool, jobId)) === null) throw noJob(jobId);
    if (services.streams.size >= MAX_STREAMS)
      throw new PlatformError('registry-unreachable', 'Too many event streams are open. Try again shortly.');
    if (request.raw.method === 'HEAD') {
      openStream(response);
      response.end();
      return;
    }
    await followJob(services, { jobId, after: lastSeen(request), response });
  },
});

/** An unknown id starts from the beginning, which repeats lines but loses none. */
function lastSeen({ header }: ApiRequest): number {
  const text = header('last-event-id') ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
