import { expect } from 'chai';
import pg from 'pg';
import type { JobStatus } from '../../contracts/job.ts';
import { STEP_IDS } from '../../contracts/plan.ts';
import { PIPELINE } from '../../exporter/pipeline.ts';
import { noJobRunner } from '../../registry-api/job-runner.ts';
import { EXPORT_STEPS } from '../../registry-api/routes/jobs/export-steps.ts';
import { tryLock } from '../../registry-api/store/export-lock.ts';
import {
  endJob,
  endStep,
  markStepsRolledBack,
  refuseRollback,
  requestCancel,
  requestRollback,
  startJob,
} from '../../registry-api/store/jobs.ts';
import { setExported } from '../../registry-api/store/tools.ts';
import { eventually } from './support/eventually.ts';
import { aManifest, startTestRegistry, type TestRegistry } from './support/registry.ts';

const OWNER = { plan: null, servicePort: null, owner: { host: 'h', pid: 1, user: 'u' } };

describe('export jobs over HTTP', function () {
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());

  async function tool(): Promise<string> {
    const manifest = aManifest();
    await registry.call('POST', '/api/tools', { body: manifest });
    return manifest.id;
  }

  /** A change in the job's journal that a rollback has to undo. */
  const plantChange = (jobId: string, step = 'database') =>
    registry.pool.query(
      `INSERT INTO export_journal (job_id, seq, state, change)
       SELECT $1, count(*) + 1, 'done', jsonb_build_object('step', $2::text) FROM export_journal WHERE job_id = $1`,
      [jobId, step],
    );

  async function startedJob(): Promise<{ toolId: string; jobId: string }> {
    const toolId = await tool();
    const { body } = await registry.call('POST', `/api/tools/${toolId}/export`);
    return { toolId, jobId: body.id };
  }

  it('jobs have the steps of the exporter', () => {
    expect(EXPORT_STEPS).to.deep.equal(PIPELINE.map(({ id, title }) => ({ id, title })));
  });

  it('accepts jobs and passes them to the job runner', async () => {
    const toolId = await tool();
    const answer = await registry.call('POST', `/api/tools/${toolId}/export`, { body: { dryRun: true } });
    expect(answer.status).to.equal(202);
    expect(answer.headers.get('location')).to.equal(`/api/tools/export/jobs/${answer.body.id}`);
    expect(answer.body).to.include({
      toolId,
      status: 'pending',
      actor: 'developer',
      stepsCompleted: 0,
      stepsTotal: 6,
    });
    expect(answer.body.options).to.deep.equal({ dryRun: true, runtime: 'auto', cutover: 'auto' });
    expect(registry.runs.at(-1)).to.deep.include({ what: 'start' });
    expect(registry.runs.at(-1)?.job.id).to.equal(answer.body.id);
    expect((await registry.call('GET', `/api/tools/export/jobs/${answer.body.id}`)).body).to.deep.equal(
      answer.body,
    );
  });

  it('runs one job at a time per tool, and prevents the deletion of the tool', async () => {
    const toolId = await tool();
    const start = () => registry.call('POST', `/api/tools/${toolId}/export`);
    const answers = await Promise.all([start(), start(), start(), start()]);
    expect(answers.map((a) => a.status).sort()).to.deep.equal([202, 409, 409, 409]);
    expect(answers.find((a) => a.status === 409)?.body.code).to.equal('job-running');
    const removal = await registry.call('DELETE', `/api/tools/${toolId}`);
    expect([removal.status, removal.body.code]).to.deep.equal([409, 'tool-in-use']);
  });

  it('refuses jobs for unknown and for exported tools', async () => {
    expect((await registry.call('POST', '/api/tools/missing/export')).body.code).to.equal('tool-not-found');
    const toolId = await tool();
    await setExported(
      registry.pool,
      toolId,
      { serviceUrl: 's', gatewayUrl: 'g', webUrl: 'w', databaseName: 'd' },
      'x',
    );
    const answer = await registry.call('POST', `/api/tools/${toolId}/export`);
    expect([answer.status, answer.body.code]).to.deep.equal([409, 'already-exported']);
  });

  it('refuses jobs where no exporter can run, without storing one', async () => {
    const elsewhere = await startTestRegistry({ databaseUrl: registry.databaseUrl, jobRunner: noJobRunner });
    try {
      const toolId = await tool();
      const answer = await elsewhere.call('POST', `/api/tools/${toolId}/export`);
      expect([answer.status, answer.body.code]).to.deep.equal([400, 'not-supported']);
      const jobs = await elsewhere.call('GET', `/api/tools/export/jobs?toolId=${toolId}`);
      expect(jobs.body.data).to.deep.equal([]);
    } finally {
      await elsewhere.close();
    }
  });

  it('a job fails when the exporter does not start, and starts on a retry with the same Idempotency-Key', async () => {
    let starts = 0;
    const broken = await startTestRegistry({
      databaseUrl: registry.databaseUrl,
      jobRunner: {
        ensureAvailable: () => Promise.resolve(),
        start: () => ((starts += 1) === 1 ? Promise.reject(new Error('no fork')) : Promise.resolve()),
        cancel: () => Promise.resolve(),
        rollback: () => Promise.resolve(),
      },
    });
    try {
      const toolId = await tool();
      const headers = { 'Idempotency-Key': `export ${toolId}`.replace(' ', '-') };
      const begin = () => broken.call('POST', `/api/tools/${toolId}/export`, { headers });
      expect((await begin()).status).to.equal(500);
      const { data } = (await broken.call('GET', `/api/tools/export/jobs?toolId=${toolId}`)).body;
      expect(data[0].status).to.equal('failed');
      expect(data[0].error.message).to.include('no fork');
      expect((await begin()).status).to.equal(202);
      expect((await begin()).headers.get('idempotency-replayed')).to.equal('true');
      expect(starts).to.equal(2);
    } finally {
      await broken.close();
    }
  });

  it('cancels only running jobs, and rolls back only ended ones', async () => {
    const { jobId } = await startedJob();
    const early = await registry.call('POST', `/api/tools/export/jobs/${jobId}/rollback`);
    expect([early.status, early.body.code]).to.deep.equal([409, 'job-not-undoable']);
    expect((await registry.call('POST', `/api/tools/export/jobs/${jobId}/cancel`)).status).to.equal(202);
    expect(registry.runs.at(-1)?.what).to.equal('cancel');
    await endJob(registry.pool, jobId, { status: 'completed' });
    const empty = await registry.call('POST', `/api/tools/export/jobs/${jobId}/rollback`);
    expect([empty.status, empty.body.code], 'no change is left').to.deep.equal([409, 'job-not-undoable']);
    await plantChange(jobId);
    const late = await registry.call('POST', `/api/tools/export/jobs/${jobId}/cancel`);
    expect([late.status, late.body.code]).to.deep.equal([409, 'job-not-cancellable']);
    const accepted = await registry.call('POST', `/api/tools/export/jobs/${jobId}/rollback`);
    expect(accepted.status).to.equal(202);
    expect(registry.runs.at(-1)).to.deep.include({
      what: 'rollback',
      options: { bringBack: false, discardWrites: false },
    });
    expect(accepted.body.rollback).to.include({ endedAt: null, refusal: null });
    const again = await registry.call('POST', `/api/tools/export/jobs/${jobId}/rollback`);
    expect([again.status, again.body.code], 'a second click').to.deep.equal([409, 'job-not-undoable']);
    await endJob(registry.pool, jobId, { status: 'rolled_back' });
    expect((await registry.call('POST', `/api/tools/export/jobs/${jobId}/rollback`)).status).to.equal(409);
  });

  it('refuses to cancel a job while it is rolled back, and not once it is resumed', async () => {
    const { jobId } = await startedJob();
    const start = { plan: null, servicePort: null, owner: { host: 'h', pid: 1, user: 'u' } };
    const cancel = () => registry.call('POST', `/api/tools/export/jobs/${jobId}/cancel`);
    await startJob(registry.pool, jobId, start);
    await endJob(registry.pool, jobId, { status: 'completed' });
    await startJob(registry.pool, jobId, start); // as a rollback does
    const runs = registry.runs.length;
    const refused = await cancel();
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'job-not-cancellable']);
    expect(refused.body.detail).to.contain('is being rolled back').and.to.contain('Wait for it');
    expect(registry.runs, 'no signal is sent').to.have.length(runs);
    await endJob(registry.pool, jobId, { status: 'interrupted' });
    await startJob(registry.pool, jobId, { ...start, resumed: true });
    expect((await cancel()).status).to.equal(202);
    await endJob(registry.pool, jobId, { status: 'rolled_back' });
  });

  it('passes on the options for the writes of the service, and refuses contradictory ones', async () => {
    const { jobId } = await startedJob();
    await endJob(registry.pool, jobId, { status: 'completed' });
    await plantChange(jobId);
    const rollback = (body: unknown) =>
      registry.call('POST', `/api/tools/export/jobs/${jobId}/rollback`, { body });
    expect((await rollback({ bringBack: true })).status).to.equal(202);
    expect(registry.runs.at(-1)?.options).to.deep.equal({ bringBack: true, discardWrites: false });
    await refuseRollback(registry.pool, jobId, 'not now');
    expect((await rollback({ discardWrites: true })).status).to.equal(202);
    expect(registry.runs.at(-1)?.options).to.deep.equal({ bringBack: false, discardWrites: true });
    const runs = registry.runs.length;
    for (const [body, pointer] of [
      [{ bringBack: true, discardWrites: true }, '/discardWrites'],
      [{ discardWrites: 'yes' }, '/discardWrites'],
      [{ force: true }, '/force'],
    ] as const) {
      const answer = await rollback(body);
      expect([answer.status, answer.body.errors[0].pointer]).to.deep.equal([422, pointer]);
    }
    expect(registry.runs).to.have.length(runs);
    await endJob(registry.pool, jobId, { status: 'rolled_back' });
  });

  it('names who has requested a rollback from the request on, and the reason when it is refused', async () => {
    const { jobId } = await startedJob();
    const address = `/api/tools/export/jobs/${jobId}`;
    const read = async () => (await registry.call('GET', address)).body;
    await endJob(registry.pool, jobId, { status: 'completed' });
    await plantChange(jobId);
    expect((await read()).rollback).to.equal(null);
    await registry.call('POST', `${address}/rollback`);
    const requested = await read();
    expect(requested.status, 'no process is at work yet').to.equal('completed');
    expect(requested.rollback).to.include({ endedAt: null, refusal: null });
    expect(requested.rollback.actor).to.be.a('string').and.not.equal('');
    await refuseRollback(registry.pool, jobId, 'Rows would be lost.');
    expect((await read()).rollback).to.include({ refusal: 'Rows would be lost.' });

    await registry.call('POST', `${address}/rollback`);
    await registry.pool.query(
      `UPDATE export_jobs SET rollback_requested_at = now() - interval '5 minutes' WHERE id = $1`,
      [jobId],
    );
    expect((await read()).rollback, 'its process has never come').to.equal(null);

    await requestRollback(registry.pool, jobId, 'grace');
    await startJob(registry.pool, jobId, OWNER);
    await registry.pool.query(`UPDATE export_journal SET state = 'undone' WHERE job_id = $1`, [jobId]);
    await endJob(registry.pool, jobId, { status: 'rolled_back' });
    const rolledBack = await read();
    expect(rolledBack).to.include({ status: 'rolled_back', outcome: 'completed', openChanges: 0 });
    expect(rolledBack.rollback).to.include({ actor: 'grace', refusal: null });
    expect(rolledBack.rollback.endedAt).to.be.a('string');
  });

  it('marks each step as rolled back once its changes are undone, and the one without changes last', async () => {
    const { jobId } = await startedJob();
    for (const step of STEP_IDS) await endStep(registry.pool, jobId, step, 'completed', 10);
    await plantChange(jobId, 'backend');
    await plantChange(jobId, 'database');
    const undo = (step: string) =>
      registry.pool.query(
        `UPDATE export_journal SET state = 'undone' WHERE job_id = $1 AND change->>'step' = $2`,
        [jobId, step],
      );
    const rolledBack = async (): Promise<readonly string[]> => {
      await markStepsRolledBack(registry.pool, jobId);
      const { steps } = (await registry.call('GET', `/api/tools/export/jobs/${jobId}`)).body;
      return steps
        .filter((step: { status: string }) => step.status === 'rolled_back')
        .map((step: { id: string }) => step.id);
    };
    expect(await rolledBack()).to.deep.equal([]);
    await undo('database');
    expect(await rolledBack()).to.deep.equal(['database']);
    await undo('backend');
    expect(await rolledBack()).to.deep.equal([...STEP_IDS]);
    await endJob(registry.pool, jobId, { status: 'rolled_back' });
  });

  it('names who has cancelled an export', async () => {
    const { jobId } = await startedJob();
    const answer = await registry.call('POST', `/api/tools/export/jobs/${jobId}/cancel`);
    expect(answer.body.cancelledBy).to.be.a('string').and.not.equal('');
    await requestCancel(registry.pool, jobId, 'another');
    await endJob(registry.pool, jobId, { status: 'cancelled' });
    const ended = (await registry.call('GET', `/api/tools/export/jobs/${jobId}`)).body;
    expect(ended.cancelledBy, 'the first request counts').to.equal(answer.body.cancelledBy);
  });

  it('lists jobs newest first, filtered and paged', async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      made.unshift((await startedJob()).jobId);
    }
    await endJob(registry.pool, made[2] ?? '', { status: 'completed' });
    const first = (await registry.call('GET', '/api/tools/export/jobs?limit=2')).body;
    const second = (await registry.call('GET', `/api/tools/export/jobs?limit=2&cursor=${first.nextCursor}`))
      .body;
    expect([...first.data, ...second.data].map((job: { id: string }) => job.id)).to.deep.equal(
      made.slice(0, 4),
    );
    const completed = (await registry.call('GET', '/api/tools/export/jobs?status=completed')).body;
    expect(completed.data.map((job: { id: string }) => job.id)).to.deep.equal([made[2]]);
    expect((await registry.call('GET', '/api/tools/export/jobs?status=done')).status).to.equal(400);
    expect((await registry.call('GET', '/api/tools/export/jobs/nothing')).body.code).to.equal(
      'job-not-found',
    );
  });

  it('distinguishes failed and cancelled exports from exports that a user has rolled back', async () => {
    const owner = { plan: null, servicePort: null, owner: { host: 'h', pid: 1, user: 'u' } };
    const [failed, cancelled, returned, retried] = await Promise.all([1, 2, 3, 4].map(startedJob));
    const end = (job: typeof failed, status: JobStatus, code?: string) =>
      endJob(registry.pool, job?.jobId ?? '', {
        status,
        ...(code === undefined ? {} : { error: { code, message: `${code}!`, step: null } }),
      });
    await end(failed, 'rolled_back', 'step-failed');
    await end(cancelled, 'rolled_back', 'cancelled');
    await end(returned, 'completed');
    await startJob(registry.pool, returned?.jobId ?? '', owner);
    const during = await registry.call('GET', `/api/tools/export/jobs/${returned?.jobId ?? ''}`);
    expect(during.body).to.include({ status: 'in_progress', outcome: null });
    await end(returned, 'rolled_back');
    // the rollback of the failing export was incomplete, and a user completes it
    await end(retried, 'rollback_failed', 'health-failed');
    await startJob(registry.pool, retried?.jobId ?? '', owner);
    await end(retried, 'rolled_back');

    const found = async (query: string): Promise<readonly unknown[]> =>
      (await registry.call('GET', `/api/tools/export/jobs?${query}`)).body.data
        .map((job: { id: string }) => job.id)
        .filter((id: string) => [failed, cancelled, returned, retried].some((job) => job?.jobId === id))
        .sort();
    const ids = (...jobs: (typeof failed)[]): readonly unknown[] => jobs.map((job) => job?.jobId).sort();
    expect(await found('status=rolled_back')).to.deep.equal(ids(failed, cancelled, returned, retried));
    expect(await found('outcome=failed')).to.deep.equal(ids(failed, retried));
    expect(await found('outcome=cancelled')).to.deep.equal(ids(cancelled));
    expect(await found('outcome=completed&status=rolled_back')).to.deep.equal(ids(returned));
    const last = (await registry.call('GET', `/api/tools/export/jobs/${retried?.jobId ?? ''}`)).body;
    expect(last).to.deep.include({ status: 'rolled_back', outcome: 'failed' });
    expect(last.error, 'the failure is kept').to.include({ code: 'health-failed' });
    expect((await registry.call('GET', '/api/tools/export/jobs?outcome=rolled_back')).status).to.equal(400);
  });

  it('marks a job as "interrupted" within 10 s after its owner died, and not before', async () => {
    const [live, abandoned] = [await startedJob(), await startedJob()];
    const owner = new pg.Client({ connectionString: registry.databaseUrl });
    owner.on('error', () => undefined);
    await owner.connect();
    expect(await tryLock(owner, live.toolId)).to.equal(true);
    for (const { jobId } of [live, abandoned])
      await startJob(owner, jobId, {
        plan: null,
        servicePort: null,
        owner: { host: 'h', pid: 1, user: 'u' },
      });
    const statusOf = async ({ jobId }: { jobId: string }) =>
      (await registry.call('GET', `/api/tools/export/jobs/${jobId}`)).body.status;
    const interrupted = async (job: { jobId: string }) => (await statusOf(job)) === 'interrupted';
    // The watcher checks all jobs in one statement: once it has found the abandoned job, it has checked the live
    // one.
    await eventually(() => interrupted(abandoned), 10_000);
    expect(await statusOf(live), 'while the owner lives').to.equal('in_progress');
    const { body } = await registry.call('GET', `/api/tools/export/jobs/${abandoned.jobId}`);
    expect(body.outcome).to.equal('interrupted');
    const { rows } = await owner.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await registry.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await eventually(() => interrupted(live), 10_000);
  });
});
