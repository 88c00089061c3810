import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import pino from 'pino';
import { CANCELLED_BY_REQUEST, type Job } from '../../../../contracts/job.ts';
import { createJobRunner } from '../../../../monolith/server/platform/job-runner.ts';
import { migrate } from '../../../../registry-api/store/migrate.ts';
import { createDatabase } from '../../../support/postgres.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** A fake gulp: records its arguments, then acts by the tool id. */
const GULP = `
const { existsSync, writeFileSync } = require('node:fs');
const tool = process.argv.find((a) => a.startsWith('--tool-id='));
if (tool === '--tool-id=crash' || existsSync('refuse')) { console.error('gulpfile.ts: no such thing'); process.exit(1); }
process.on('SIGTERM', () => { writeFileSync('stopped', 'yes'); process.exit(130); });
setTimeout(() => undefined, 20_000);
writeFileSync('called.json', JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd() }));
`;

describe('job runner', () => {
  let root: string;
  let db: pg.Pool;
  const runner = () =>
    createJobRunner({ root, logs: path.join(root, 'logs'), db, logger: pino({ level: 'silent' }) });
  const newJob = async (toolId: string): Promise<Job> => {
    const options = { dryRun: true, runtime: 'local', cutover: 'fenced' };
    const { rows } = await db.query<{ id: string }>(
      'INSERT INTO export_jobs (id, tool_id, options) VALUES ($1, $2, $3) RETURNING id',
      [randomUUID(), toolId, JSON.stringify(options)],
    );
    return { id: rows[0]!.id, toolId, options } as Job;
  };
  const until = async <T>(read: () => Promise<T | undefined | null>): Promise<T> => {
    for (;;) {
      const value = await read().catch(() => undefined);
      if (value !== undefined && value !== null) return value;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  before(async () => {
    const url = await createDatabase();
    await migrate(url, 'migrations');
    db = new pg.Pool({ connectionString: url, max: 3 });
  });
  after(() => db.end());
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'generator-platform-jobs-'));
    await mkdir(path.join(root, 'node_modules/gulp/bin'), { recursive: true });
    await writeFile(path.join(root, 'node_modules/gulp/bin/gulp.js'), GULP);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('refuses jobs where the platform runs without its repository, and names where to run the command', async () => {
    const refusal = await runner()
      .ensureAvailable('crm')
      .catch((error: unknown) => error);
    expect(refusal).to.include({ code: 'platform-in-container', httpStatus: 409 });
    expect(String(refusal)).to.contain('npx gulp export --tool-id=crm').and.not.contain(root);
    await writeFile(path.join(root, 'gulpfile.ts'), '');
    await runner().ensureAvailable('crm');
  });

  it('starts gulp for a job, and stops it when the job is cancelled', async () => {
    const jobs = runner();
    const job = await newJob('crm');
    await jobs.start(job);
    const called = await until(
      async () =>
        JSON.parse(await readFile(path.join(root, 'called.json'), 'utf8')) as { args: string[]; cwd: string },
    );
    expect(called.cwd).to.equal(root);
    expect(called.args).to.deep.equal([
      'export',
      '--tool-id=crm',
      `--job-id=${job.id}`,
      '--runtime=local',
      '--cutover=fenced',
      '--dry-run',
      '--silent',
    ]);
    await jobs.cancel(job);
    expect(await until(() => readFile(path.join(root, 'stopped'), 'utf8'))).to.equal('yes');
    const { rows: asked } = await db.query('SELECT cancel_requested_at FROM export_jobs WHERE id = $1', [
      job.id,
    ]);
    expect(asked[0].cancel_requested_at).to.be.instanceOf(Date);
    const ended = await until(async () => {
      const { rows } = await db.query<Pick<Job, 'status' | 'outcome' | 'error'>>(
        'SELECT status, outcome, error FROM export_jobs WHERE id = $1',
        [job.id],
      );
      return rows[0]?.status === 'pending' ? null : rows[0];
    });
    expect(ended, 'cancelled before it began').to.include({ status: 'cancelled', outcome: 'cancelled' });
    expect(ended.error).to.include({ code: 'cancelled', message: CANCELLED_BY_REQUEST });
  });

  it('starts the rollback of a job with the options for the writes of its service', async () => {
    const jobs = runner();
    const job = await newJob('erp');
    await jobs.rollback(job, { bringBack: false, discardWrites: true });
    const called = await until(
      async () => JSON.parse(await readFile(path.join(root, 'called.json'), 'utf8')) as { args: string[] },
    );
    expect(called.args).to.deep.equal(['rollback', `--job-id=${job.id}`, '--discard-writes', '--silent']);
    await jobs.cancel(job);
    await until(() => readFile(path.join(root, 'stopped'), 'utf8'));
  });

  it('fails a job whose process ended too early, with the end of its output', async () => {
    const job = await newJob('crash');
    await runner().start(job);
    const error = await until(async () => {
      const { rows } = await db.query<{ status: string; error: { message: string } | null }>(
        'SELECT status, error FROM export_jobs WHERE id = $1',
        [job.id],
      );
      return rows[0]?.status === 'failed' ? rows[0].error : null;
    });
    expect(error.message).to.include('no such thing');
  });

  it('logs in the job why its rollback was refused', async () => {
    const job = await newJob('hr');
    await db.query(`UPDATE export_jobs SET status = 'completed' WHERE id = $1`, [job.id]);
    await writeFile(path.join(root, 'refuse'), '');
    await runner().rollback(job, { bringBack: false, discardWrites: false });
    const line = await until(async () => {
      const { rows } = await db.query<{ level: string; message: string }>(
        'SELECT level, message FROM export_job_logs WHERE job_id = $1',
        [job.id],
      );
      return rows[0];
    });
    expect(line.level).to.equal('error');
    expect(line.message).to.include('no such thing');
  });
});
