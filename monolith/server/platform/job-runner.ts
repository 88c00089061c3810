import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { access, constants, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import { CANCELLED_BY_REQUEST, type Job } from '../../../contracts/job.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { JobRunner } from '../../../registry-api/job-runner.ts';
import { appendLog, refuseRollback, requestCancel } from '../../../registry-api/store/jobs.ts';

export interface JobRunnerOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Absolute path of the log folder. */
  readonly logs: string;
  readonly db: pg.Pool;
  readonly logger: ToolLogger;
  /** Environment of the commands, over that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs jobs by starting gulp, which finds the job by its id. The process is detached: it survives a stop of the
 * platform and writes to `<logs>/<job>.log`.
 */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const running = new Map<string, ChildProcess>();

  const run = async (job: Job, task: string, flags: readonly string[]): Promise<void> => {
    const logFile = path.join(options.logs, `${task}-${job.id}.log`);
    const child = await spawnGulp(options, logFile, [task, ...flags, '--silent']);
    running.set(job.id, child);
    child.once('exit', (code) => {
      running.delete(job.id);
      options.logger.info({ job: job.id, tool: job.toolId, task, code }, 'job process ended');
      if (code !== 0)
        tellEnd(options, job.id, task, logFile).catch((err: unknown) => {
          options.logger.error({ err, job: job.id }, 'the end of a job could not be recorded');
        });
    });
  };

  return {
    ensureAvailable: (toolId) => ensureRepository(options.root, toolId),
    start: (job) => run(job, 'export', exportFlags(job)),
    rollback: (job, { bringBack, discardWrites }) =>
      run(job, 'rollback', [
        `--job-id=${job.id}`,
        ...(bringBack ? ['--bring-back'] : []),
        ...(discardWrites ? ['--discard-writes'] : []),
      ]),
    async cancel(job) {
      // The owner polls the flag in the database on any host; the signal only speeds it up.
      await requestCancel(options.db, job.id, job.cancelledBy ?? job.actor);
      running.get(job.id)?.kill('SIGTERM');
    },
  };
}

/** @throws PlatformError `platform-in-container`, where the platform is an image without the repository. */
async function ensureRepository(root: string, toolId: string): Promise<void> {
  try {
    await access(path.join(root, 'gulpfile.ts'), constants.R_OK);
    await access(root, constants.W_OK);
  } catch (cause) {
    throw new PlatformError(
      'platform-in-container',
      `This platform cannot run exports, because it runs without the repository or may not write to it: ${cause instanceof Error ? cause.message.replaceAll(root, '.') : String(cause)}. ` +
        `Run the command in the repository, on the machine of the containers: npx gulp export --tool-id=${toolId} --runtime=docker (docs/docker.md, "Exports beside a platform in containers")`,
      { cause },
    );
  }
}

function exportFlags({ id, toolId, options }: Job): readonly string[] {
  return [
    `--tool-id=${toolId}`,
    `--job-id=${id}`,
    `--runtime=${options.runtime}`,
    `--cutover=${options.cutover}`,
    ...(options.allowDirty === true ? ['--allow-dirty'] : []),
    ...(options.dryRun ? ['--dry-run'] : []),
  ];
}

async function spawnGulp(
  { root, env }: Pick<JobRunnerOptions, 'root' | 'env'>,
  logFile: string,
  args: readonly string[],
): Promise<ChildProcess> {
  await mkdir(path.dirname(logFile), { recursive: true });
  const output = openSync(logFile, 'a', 0o600);
  try {
    const gulp = path.join(root, 'node_modules', 'gulp', 'bin', 'gulp.js');
    const child = spawn(process.execPath, [gulp, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      detached: true, // Ctrl-C in the terminal of the platform must not stop the export
      stdio: ['ignore', output, output],
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

/** Records the failure of a process that ended before it took its job, because no other process would. */
async function tellEnd(
  { db, root }: JobRunnerOptions,
  jobId: string,
  task: string,
  logFile: string,
): Promise<void> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const words = log.trim().split('\n').slice(-20).join('\n').replaceAll(`${root}${path.sep}`, '');
  const message = words === '' ? `gulp ${task} did not start. See ${path.relative(root, logFile)}.` : words;
  const { rowCount } = await db.query(
    `UPDATE export_jobs SET completed_at = now(), status = ended.how, outcome = ended.how, error = ended.why
       FROM (SELECT CASE WHEN cancel_requested_at IS NULL THEN 'failed' ELSE 'cancelled' END AS how,
                    CASE WHEN cancel_requested_at IS NULL THEN $2::jsonb ELSE $3::jsonb END AS why
               FROM export_jobs WHERE id = $1) AS ended
      WHERE id = $1 AND status = 'pending'`,
    [
      jobId,
      JSON.stringify({ code: 'step-failed', message, step: null }),
      JSON.stringify({ code: 'cancelled', message: CANCELLED_BY_REQUEST, step: null }),
    ],
  );
  // A refused rollback leaves the job unchanged, so the log gets the reason.
  if (rowCount === 0 && task === 'rollback') {
    await appendLog(db, jobId, { level: 'error', step: null, message });
    await refuseRollback(db, jobId, message);
  }
}
