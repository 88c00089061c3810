import { get as httpGet } from 'node:http';
import { expect } from 'chai';
import pg from 'pg';
import type { JobLog } from '../../contracts/job.ts';
import { tryLock } from '../../registry-api/store/export-lock.ts';
import {
  appendLog,
  beginStep,
  endJob,
  endStep,
  setProgress,
  startJob,
} from '../../registry-api/store/jobs.ts';
import { aManifest, startTestRegistry, type TestRegistry } from './support/registry.ts';

interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

interface Stream {
  /** Resolves when the server or `drop` ends the stream. */
  readonly ended: Promise<void>;
  drop(): void;
}

/** A client of server-sent events that can be cut off at any byte. */
function follow(address: string, lastId: string | null, onEvent: (event: StreamEvent) => void): Stream {
  let text = '';
  let dropped = false;
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (finish = resolve));
  const request = httpGet(
    address,
    { headers: lastId === null ? {} : { 'Last-Event-ID': lastId }, agent: false },
    (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0 && !dropped; end = text.indexOf('\n\n')) {
          const event = parse(text.slice(0, end));
          text = text.slice(end + 2);
          if (event !== null) onEvent(event);
        }
      });
      response.on('close', finish);
      response.on('error', finish);
    },
  );
  request.on('error', finish);
  return {
    ended,
    drop() {
      dropped = true;
      request.destroy();
    },
  };
}

function parse(block: string): StreamEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    }),
  );
  const data = fields.get('data');
  return data === undefined
    ? null
    : { event: fields.get('event') ?? 'message', id: fields.get('id') ?? null, data: JSON.parse(data) };
}

describe('event stream of a job', function () {
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());

  async function runningJob() {
    const manifest = aManifest();
    await registry.call('POST', '/api/tools', { body: manifest });
    const { body } = await registry.call('POST', `/api/tools/${manifest.id}/export`);
    const owner = new pg.Client({ connectionString: registry.databaseUrl });
    owner.on('error', () => undefined);
    await owner.connect();
    await tryLock(owner, manifest.id);
    await startJob(owner, body.id, {
      plan: null,
      servicePort: null,
      owner: { host: 'h', pid: 1, user: 'u' },
    });
    return {
      jobId: body.id as string,
      owner,
      address: `${registry.url}/api/tools/export/jobs/${body.id}/events`,
    };
  }

  it('delivers the whole log to a client that disconnects 100 times', async () => {
    const { jobId, owner, address } = await runningJob();
    const received: JobLog[] = [];
    let lastId: string | null = null;
    const reading = { over: false };
    let disconnects = 0;

    const reader = (async () => {
      while (!reading.over) {
        // disconnects after a random number of events, or after a random time
        let left = disconnects < 100 ? Math.floor(Math.random() * 6) : Infinity;
        const stream: Stream = follow(address, lastId, (event) => {
          if (event.event === 'log') {
            received.push(event.data as JobLog);
            lastId = event.id;
          }
          if (event.event === 'end') reading.over = true;
          left -= 1;
          if (left < 0) stream.drop();
        });
        const timer = disconnects < 100 ? setTimeout(() => stream.drop(), 5 + Math.random() * 40) : undefined;
        await stream.ended;
        clearTimeout(timer);
        disconnects += 1;
      }
    })();

    for (let line = 1; disconnects < 100 || line <= 400; line += 1) {
      await appendLog(owner, jobId, { level: 'info', step: 'database', message: `line ${line}\nof "many"` });
      if (line % 10 === 0)
        await setProgress(owner, jobId, {
          step: 'database',
          target: 't',
          done: line,
          total: 400,
          unit: 'rows',
          percent: 1,
          etaSeconds: null,
        });
      if (line % 3 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    }
    await endJob(owner, jobId, { status: 'completed' });
    await appendLog(owner, jobId, {
      level: 'success',
      step: null,
      message: 'the last line comes after the status',
    });
    await owner.end();
    await reader;

    const { rows } = await registry.pool.query<{ seq: number; message: string }>(
      'SELECT seq, message FROM export_job_logs WHERE job_id = $1 ORDER BY seq',
      [jobId],
    );
    expect(disconnects).to.be.at.least(100);
    expect(received.map(({ seq, message }) => ({ seq, message }))).to.deep.equal(rows);
  });

  it('shows changes of steps and progress, and ends with the job', async () => {
    const { jobId, owner, address } = await runningJob();
    const states: { status: string; steps: { id: string; status: string }[] }[] = [];
    let ended = false;
    const stream = follow(address, null, (event) => {
      if (event.event === 'job') states.push(event.data as (typeof states)[number]);
      if (event.event === 'end') ended = true;
    });
    const seen = async (what: string, test: () => boolean) => {
      for (let look = 0; look < 300 && !test(); look += 1)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(test(), what).to.equal(true);
    };
    await seen('the first state', () => states.length > 0);
    await beginStep(owner, jobId, 'preflight');
    await seen('the running step', () => states.at(-1)?.steps[0]?.status === 'in_progress');
    await endStep(owner, jobId, 'preflight', 'completed', 12);
    await endJob(owner, jobId, {
      status: 'rolled_back',
      error: { code: 'step-failed', message: 'no', step: 'backend' },
    });
    await owner.end();
    await stream.ended;
    expect(ended).to.equal(true);
    expect(states.at(-1)).to.include({ status: 'rolled_back', stepsCompleted: 1 });
    expect(states.every((state) => !('logs' in state))).to.equal(true);
  });

  it('continues when the listening connection is cut', async () => {
    const { jobId, owner, address } = await runningJob();
    const seqs: number[] = [];
    const stream = follow(address, null, (event) => {
      if (event.event === 'log') seqs.push((event.data as JobLog).seq);
    });
    await appendLog(owner, jobId, { level: 'info', step: null, message: 'before' });
    await registry.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'registry-api notifications' AND datname = current_database()`,
    );
    await appendLog(owner, jobId, { level: 'info', step: null, message: 'while nobody listens' });
    await endJob(owner, jobId, { status: 'completed' });
    await owner.end();
    await stream.ended;
    expect(seqs).to.deep.equal([1, 2]);
  });

  it('answers 404 for an unknown job', async () => {
    const answer = await registry.call(
      'GET',
      '/api/tools/export/jobs/00000000-0000-4000-8000-000000000000/events',
    );
    expect([answer.status, answer.body.code]).to.deep.equal([404, 'job-not-found']);
  });
});
