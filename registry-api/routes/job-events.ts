import { createEventBuffer } from 'better-sse';
import type { Response } from 'express';
import type { Pool } from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { RUNNING_STATUSES, type Job } from '../../contracts/job.ts';
import type { ApiRequest, Operation } from '../http/operation.ts';
import type { Notifications } from '../notifications.ts';
import type { RegistryServices } from '../services.ts';
import { findJobState, readLogs } from '../store/jobs.ts';
import { omit } from '../schemas/omit.ts';
import { jobIdOf, noJob } from './jobs.ts';
import { Waker } from './waker.ts';

const HEARTBEAT_MS = 15_000;
/** Looks without having been told, in case a notification went by while the connection was away. */
const LOOK_MS = 2_000;
const RECONNECT_MS = 2_000;
const MOST_STREAMS = 1_000;

/**
 * `GET /api/tools/export/jobs/{jobId}/events`: the job as it goes.
 *
 * `log` events carry one log line and its `seq` as their id; a client that comes back with `Last-Event-ID` gets the
 * lines after it. `job` events carry the job without its lines, whenever it has changed. `end` says that nothing
 * will follow, and the stream closes. What is sent is always read from the tables by `seq`; notifications
 * only say when to look. So a line can neither be lost nor come twice, whatever happens to either connection.
 */
export function jobEventsOperation({ pool, notifications, streams }: RegistryServices): Operation {
  return {
    id: 'jobEvents',
    kind: 'stream',
    method: 'get',
    path: '/api/tools/export/jobs/{jobId}/events',
    tag: 'Exports',
    summary: 'Follow a job as server-sent events',
    description:
      'Events: `log` (a log line; its id is the line’s `seq`), `job` (the job without its lines), `end`. ' +
      'Send `Last-Event-ID` to go on after a line.',
    access: 'read',
    headers: ['Last-Event-ID'],
    responses: { 200: { description: 'The stream.', contentType: 'text/event-stream' } },
    problems: [404, 503],
    handle: async (request, response) => {
      const jobId = jobIdOf(request.params['jobId'] ?? '');
      const after = lastSeen(request);
      if ((await findJobState(pool, jobId)) === null) throw noJob(jobId);
      if (streams.size >= MOST_STREAMS)
        throw new PlatformError(
          'registry-unreachable',
          'Too many event streams are open. Try again shortly.',
        );
      if (request.raw.method === 'HEAD') {
        open(response);
        response.end();
        return;
      }
      await follow({ pool, notifications, streams, jobId, after, response });
    },
  };
}

interface Following {
  readonly pool: Pool;
  readonly notifications: Notifications;
  readonly streams: Set<() => void>;
  readonly jobId: string;
  readonly after: number;
  readonly response: Response;
}

async function follow({ pool, notifications, streams, jobId, after, response }: Following): Promise<void> {
  const waker = new Waker();
  const close = (): void => waker.close();
  const stop = [
    notifications.on('export_job', (payload) => {
      if (payload.includes(jobId)) waker.wake();
    }),
    notifications.on('reconnected', () => waker.wake()),
  ];
  response.once('close', close);
  streams.add(close);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    open(response);
    await pump({ pool, jobId, after, response }, waker);
  } finally {
    clearInterval(heartbeat);
    streams.delete(close);
    stop.forEach((off) => off());
    response.end();
  }
}

type Pump = Pick<Following, 'pool' | 'jobId' | 'after' | 'response'>;

async function pump({ pool, jobId, after, response }: Pump, waker: Waker): Promise<void> {
  let seq = after;
  let shown = '';
  while (waker.isOpen) {
    const found = await findJobState(pool, jobId).catch(() => undefined);
    if (found === null) return; // the job's row was deleted: nothing more to tell
    // Read after the state: when that says the job is over, these are its last lines.
    const lines = found === undefined ? [] : await readLogs(pool, jobId, seq).catch(() => null);
    if (found !== undefined && lines !== null) {
      for (const line of lines) {
        await write(
          response,
          createEventBuffer().event('log').id(String(line.seq)).data(line).dispatch().read(),
        );
        seq = line.seq;
      }
      const state = JSON.stringify(withoutLogs(found.job));
      if (state !== shown) await write(response, eventOf('job', withoutLogs(found.job)));
      shown = state;
      if (isOver(found)) {
        await write(response, eventOf('end', { status: found.job.status }));
        return;
      }
    }
    await waker.next(LOOK_MS);
  }
}

/** Its owner writes the last lines after the status; only when he has let go of the lock is all of it there. */
const isOver = ({ job, worked }: { job: Job; worked: boolean }): boolean =>
  !RUNNING_STATUSES.includes(job.status) && !worked;

function open(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    Connection: 'keep-alive',
    'X-Accel-Buffering': 'no', // nginx would hold events back until its buffer is full
  });
  response.flushHeaders();
  response.write(createEventBuffer().retry(RECONNECT_MS).dispatch().read());
}

const eventOf = (name: string, data: unknown): string =>
  createEventBuffer().event(name).data(data).dispatch().read();

const withoutLogs = (job: Job): Omit<Job, 'logs'> => omit(job, 'logs');

/** Waits while the client is slower than the log, so that its lines do not pile up in memory. */
async function write(response: Response, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  await new Promise<void>((resolve) => {
    response.once('drain', resolve).once('close', resolve);
  });
}

/** An id that is not one of ours starts from the beginning, which repeats lines but loses none. */
function lastSeen(request: ApiRequest): number {
  const text = request.header('last-event-id') ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
