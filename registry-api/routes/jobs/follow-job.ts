import { createEventBuffer } from 'better-sse';
import type { Response } from 'express';
import type { Pool } from 'pg';
import { isAtWork, type Job } from '../../../contracts/job.ts';
import { omit } from '../../schemas/omit.ts';
import type { RegistryServices } from '../../services.ts';
import { findJobState, readLogs } from '../../store/find-jobs.ts';
import { Waker } from '../../waker.ts';

const HEARTBEAT_MS = 15_000;
/** Polls at this interval in case a notification was lost during a reconnect. */
const POLL_MS = 2_000;
const RECONNECT_MS = 2_000;

interface Following {
  readonly jobId: string;
  /** `seq` of the last log line that the client has received. */
  readonly after: number;
  readonly response: Response;
}

/**
 * Streams a job until it ends or the client disconnects.
 *
 * `log` events carry one log line, with its `seq` as event id; a client that reconnects with `Last-Event-ID` gets
 * the lines after it. `job` events carry the job without its lines, on every change. `end` is the last event.
 * Lines are always read from the tables by `seq`, and notifications only trigger a read, so no line is lost or
 * sent twice when either connection breaks.
 */
export async function followJob(
  { pool, notifications, streams }: RegistryServices,
  following: Following,
): Promise<void> {
  const { jobId, response } = following;
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
    openStream(response);
    await pump(pool, following, waker);
  } finally {
    clearInterval(heartbeat);
    streams.delete(close);
    stop.forEach((off) => off());
    response.end();
  }
}

async function pump(pool: Pool, { jobId, after, response }: Following, waker: Waker): Promise<void> {
  let seq = after;
  let shown = '';
  while (waker.isOpen) {
    const found = await findJobState(pool, jobId).catch(() => undefined);
    if (found === null) return; // the job was deleted
    // Read after the state, so that a finished job comes with its last lines.
    const lines = found === undefined ? [] : await readLogs(pool, jobId, seq).catch(() => null);
    if (found !== undefined && lines !== null) {
      for (const line of lines) {
        await write(response, eventOf('log', line, line.seq));
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
    await waker.next(POLL_MS);
  }
}

/** The owner writes the last lines after the final status, and then releases the lock. */
const isOver = ({ job, worked }: { job: Job; worked: boolean }): boolean => !isAtWork(job) && !worked;

export function openStream(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    Connection: 'keep-alive',
    'X-Accel-Buffering': 'no', // nginx would buffer events
  });
  response.flushHeaders();
  response.write(createEventBuffer().retry(RECONNECT_MS).dispatch().read());
}

function eventOf(name: string, data: unknown, id?: number): string {
  const event = createEventBuffer().event(name);
  return (id === undefined ? event : event.id(String(id))).data(data).dispatch().read();
}

const withoutLogs = (job: Job): Omit<Job, 'logs'> => omit(job, 'logs');

/** Waits while the client reads more slowly than the log grows, so that lines do not pile up in memory. */
async function write(response: Response, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  await new Promise<void>((resolve) => {
    response.once('drain', resolve).once('close', resolve);
  });
}
