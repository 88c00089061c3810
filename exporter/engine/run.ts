import { EXIT, PlatformError } from '../../contracts/errors.ts';
import type { CommandReport, Job } from '../../contracts/job.ts';
import type { Change, Finding, Plan } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import { findJob } from '../../registry-api/store/jobs.ts';
import type { Journal } from '../../registry-api/store/journal.ts';
import type { Facts } from '../core/facts.ts';
import { noteGate } from './gates.ts';
import { watchInterrupts, type Interrupts } from './interrupts.ts';
import { createJobReporter, type JobReporter } from './job-reporter.ts';
import { summaryOf } from './plan.ts';
import { createReporter, type Reporter } from '../cli/reporter.ts';
import type { Session } from './session.ts';
import { exitWith } from '../cli/task.ts';

/** One run of `gulp export` or `gulp rollback`, shared by the tasks of its series. Filled in as it goes. */
export interface Run {
  readonly root: string;
  readonly settings: Settings;
  readonly reporter: Reporter;
  readonly report: JobReporter;
  readonly interrupts: Interrupts;
  /** Of the monotonic clock: the time of day may jump. */
  readonly startedAt: number;
  readonly findings: Finding[];
  readonly steps: { id: string; status: string; ms: number | null }[];
  readonly remembered: Record<string, unknown>;
  session: Session | null;
  /** Address of the platform's database, password included: for connecting, never for printing. */
  databaseUrl: string | null;
  jobId: string | null;
  journal: Journal | null;
  facts: Facts | null;
  plan: Plan | null;
  result: unknown;
}

export function startRun(options: {
  readonly root: string;
  readonly settings: Settings;
  readonly json: boolean;
}): Run {
  const reporter = createReporter(options);
  const run: Run = {
    root: options.root,
    settings: options.settings,
    reporter,
    report: createJobReporter(reporter, (verdict) => noteGate(run, verdict)),
    interrupts: watchInterrupts(),
    startedAt: performance.now(),
    findings: [],
    steps: [],
    remembered: {},
    session: null,
    databaseUrl: null,
    jobId: null,
    journal: null,
    facts: null,
    plan: null,
    result: undefined,
  };
  return run;
}

/** Ends a run: prints the document of `--json`, frees the lock by closing the session, sets the exit code. */
export async function endRun(run: Run, exitCode: number): Promise<void> {
  await run.report.flush();
  const changes: readonly Change[] = run.plan?.changes ?? [];
  const document: CommandReport = {
    ok: exitCode === EXIT.done,
    exitCode,
    ...(run.jobId === null ? {} : { jobId: run.jobId }),
    findings: run.findings,
    changes: changes.map((c) => ({ step: c.step, target: c.target, summary: summaryOf(c) })),
    steps: run.steps,
    ...(run.result === undefined ? {} : { result: run.result }),
  };
  run.reporter.document(document);
  await run.session?.close();
  exitWith(exitCode);
}

/** Milliseconds so far. */
export type Stopwatch = () => number;

/** Times one step, for the terminal and for the report. */
export async function timed(
  run: Run,
  id: string,
  work: (elapsed: Stopwatch) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const elapsed: Stopwatch = () => Math.round(performance.now() - began);
  const row: { id: string; status: string; ms: number | null } = { id, status: 'in_progress', ms: null };
  run.steps.push(row);
  try {
    await work(elapsed);
    row.status = 'completed';
  } catch (error) {
    row.status = 'failed';
    throw error;
  } finally {
    row.ms = elapsed();
  }
}

/** @throws PlatformError `job-not-found` */
export async function jobOf(session: Session, jobId: string): Promise<Job> {
  const job = await findJob(session.client, jobId);
  if (job === null)
    throw new PlatformError('job-not-found', `No job ${jobId} exists. List them with: npx gulp status`);
  return job;
}

/** What must be there for the work of a task that follows another; missing means a task ran out of its series. */
export function must<T>(value: T | null, what: string): T {
  if (value === null)
    throw new PlatformError(
      'usage',
      `${what} is missing: run the whole series, such as: npx gulp export --tool-id=ID`,
    );
  return value;
}
