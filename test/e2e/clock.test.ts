import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { dieAgain, dieAtFirstChange } from '../support/interrupted-job.ts';
import { JournalBreakpoint, type Moment } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';

const TOOL = 'inventory-tracker';
const A_DAY = 86_400_000;
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local', '--silent'];
const ROLLBACK = ['rollback', `--tool-id=${TOOL}`, '--silent'];
const PRELOAD = pathToFileURL(path.join(import.meta.dirname, '../support/jumping-clock.ts')).href;

type Direction = 'forwards' | 'back';

/**
 * The clock jumps by a day during an export, for the process and for the database. The database's clock cannot be set;
 * instead its recorded times are moved the other way, which looks the same to every reader.
 */
describe('exports while the system clock changes', function () {
  this.timeout(600_000);
  let lab: Lab;
  let db: pg.Client;
  let breakpoint: JournalBreakpoint;
  let start: Fingerprint;
  before(async () => {
    lab = await openLab();
    start = await takeFingerprint(lab);
    db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    await dieAtFirstChange(lab, TOOL);
    breakpoint = await JournalBreakpoint.install(lab);
  });
  after(async () => {
    await breakpoint.remove();
    await db.end();
    await lab.close();
  });

  const seqOf = async (kind: string): Promise<number> => {
    const { rows } = await db.query<{ seq: number }>(
      `SELECT n::int AS seq FROM export_jobs, jsonb_array_elements(plan->'changes') WITH ORDINALITY AS c (change, n) WHERE change->>'kind' = $1`,
      [kind],
    );
    return rows[0]!.seq;
  };

  /** Starts a command, and sets the clock when it stops at the breakpoint. */
  async function jumpAt(
    moment: Moment,
    direction: Direction,
    args: readonly string[],
  ): Promise<{ child: ChildProcess; end: Promise<{ code: number | null; output: string }> }> {
    const env = {
      NODE_OPTIONS: `--import=${PRELOAD}`,
      CLOCK_JUMP_MS: String(direction === 'back' ? -A_DAY : A_DAY),
    };
    await breakpoint.stopAt([moment]);
    const child = lab.spawnWith(env, 'gulp', ...args);
    let output = '';
    child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    const end = new Promise<{ code: number | null; output: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, output })),
    );
    await breakpoint.reached(child).catch(async (error: unknown) => {
      throw new Error(JSON.stringify(await end), { cause: error });
    });
    child.kill('SIGUSR2');
    const by = direction === 'back' ? '+ interval' : '- interval';
    await db.query(`
      UPDATE export_jobs SET created_at = created_at ${by} '1 day', started_at = started_at ${by} '1 day', completed_at = completed_at ${by} '1 day';
      UPDATE export_job_steps SET started_at = started_at ${by} '1 day', completed_at = completed_at ${by} '1 day';
      UPDATE export_journal SET started_at = started_at ${by} '1 day', ended_at = ended_at ${by} '1 day' WHERE seq <> ${moment.seq}`);
    return { child, end };
  }

  async function runOver(moment: Moment, direction: Direction, args: readonly string[]): Promise<string> {
    const { end } = await jumpAt(moment, direction, args);
    await breakpoint.release(moment);
    const { code, output } = await end;
    expect(code, output).to.equal(0);
    return output;
  }

  const statusOf = async (): Promise<unknown> => {
    const { report } = await lab.gulpJson('status', `--tool-id=${TOOL}`);
    const { tools } = report.result as { tools: { jobId: string; jobStatus: string; exported: boolean }[] };
    return { jobId: tools[0]?.jobId, jobStatus: tools[0]?.jobStatus, exported: tools[0]?.exported };
  };

  /** Checks every duration that the job reports to the dashboard, and those of the journal. */
  async function expectSaneTimes(jobId: string): Promise<void> {
    const answer = await fetch(`${lab.platformUrl}/api/tools/export/jobs/${jobId}`);
    const job = (await answer.json()) as {
      startedAt: string;
      completedAt: string;
      steps: { id: string; startedAt: string; completedAt: string; ms: number }[];
    };
    for (const step of [...job.steps, { ...job, id: 'job', ms: 0 }]) {
      expect(Date.parse(step.completedAt) - Date.parse(step.startedAt), step.id).to.be.at.least(0);
      expect(step.ms, step.id).to.be.within(0, A_DAY / 2);
    }
    const { rows } = await db.query<{ seq: number; planned: boolean; sane: boolean }>(
      `SELECT e.seq, e.change = j.plan->'changes'->(e.seq - 1) AS planned, e.ended_at >= e.started_at AS sane
         FROM export_journal e JOIN export_jobs j ON j.id = e.job_id WHERE e.job_id = $1 ORDER BY seq`,
      [jobId],
    );
    expect(rows.map((row) => row.seq)).to.deep.equal(rows.map((_, i) => i + 1));
    for (const row of rows) expect(row).to.include({ planned: true, sane: true });
  }

  const newest = async (): Promise<string> => {
    const { rows } = await db.query<{ id: string }>(
      'SELECT id FROM export_jobs ORDER BY ordinal DESC LIMIT 1',
    );
    return rows[0]!.id;
  };

  for (const direction of ['forwards', 'back'] as const)
    it(`meets every deadline of export and rollback when the clock is set ${direction} by a day`, async () => {
      if (direction === 'back') await dieAgain(lab, TOOL);
      const copying = { seq: await seqOf('copy-tables'), state: 'started' } as const;
      const output = await runOver(copying, direction, [...EXPORT, '--resume']);
      expect(output).to.match(/Export completed successfully in (\d+m )?\d+(\.\d)?s/);
      const jobId = await newest();
      expect(await statusOf()).to.deep.equal({ jobId, jobStatus: 'completed', exported: true });
      await expectSaneTimes(jobId);
      await runOver({ seq: await seqOf('start-service'), state: 'undoing' }, direction, ROLLBACK);
      expect(await statusOf()).to.deep.equal({ jobId, jobStatus: 'rolled_back', exported: false });
      await expectSaneTimes(jobId);
      expect(await takeFingerprint(lab)).to.deep.equal(start);
    });

  it('resumes the interrupted export, not jobs with later times, after the clock was set back', async () => {
    // The earlier jobs end tomorrow; one of them never started, and must not block the export until then
    await db.query(
      `UPDATE export_jobs SET created_at = now() + interval '1 day', started_at = now() + interval '1 day', completed_at = now() + interval '1 day'`,
    );
    const dead = await db.query<{ id: string }>(
      `INSERT INTO export_jobs (tool_id, created_at) VALUES ($1, now() + interval '1 day') RETURNING id`,
      [TOOL],
    );
    const moment = { seq: await seqOf('copy-tables'), state: 'started' } as const;
    const { child, end } = await jumpAt(moment, 'back', EXPORT);
    child.kill('SIGKILL');
    await end;
    await breakpoint.stopAt([]);
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^export '`,
    );
    const jobId = await newest();
    expect(jobId).not.to.equal(dead.rows[0]!.id);
    expect(await statusOf()).to.deep.equal({ jobId, jobStatus: 'interrupted', exported: false });
    const resumed = await lab.gulp(...EXPORT, '--resume');
    expect(resumed.code, resumed.stdout).to.equal(0);
    expect(await statusOf()).to.deep.equal({ jobId, jobStatus: 'completed', exported: true });
    await expectSaneTimes(jobId);
    const { data } = (await (
      await fetch(`${lab.platformUrl}/api/tools/export/jobs?toolId=${TOOL}&limit=1`)
    ).json()) as { data: { id: string }[] };
    expect(data[0]?.id).to.equal(jobId);
    expect((await lab.gulp(...ROLLBACK)).code).to.equal(0);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });
});
