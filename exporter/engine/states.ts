import { EXIT } from '../../contracts/errors.ts';
import type { CommandReport, ReportedChange } from '../../contracts/job.ts';
import type { Change, Finding, Plan } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import type { Journal } from '../../registry-api/store/journal.ts';
import { exitWith } from '../core/exit-with.ts';
import type { Ports } from '../core/ports.ts';
import type { Reporter } from '../core/reporter.ts';
import type { FindOperation } from '../core/step.ts';
import type { Interrupts } from './interrupts.ts';
import type { JobMemory } from './job-memory.ts';
import type { JobReporter } from './job-reporter.ts';
import { summaryOf } from './plan.ts';
import type { Session } from './session.ts';

/** A run of `gulp export` or `gulp rollback` whose command line has been read. Nothing has been looked at yet. */
export interface Opened {
  readonly root: string;
  readonly settings: Settings;
  readonly reporter: Reporter;
  readonly report: JobReporter;
  readonly interrupts: Interrupts;
  /** Of the monotonic clock: the time of day may jump. */
  readonly startedAt: number;
  readonly findings: Finding[];
  readonly steps: StepTiming[];
  readonly memory: JobMemory;
  readonly operationOf: FindOperation;
  /** The person for whom the run works: who has started the job or requested its rollback, else the terminal's user. */
  readonly actor: string;
  readonly openPorts: (run: Journaled, signal: AbortSignal) => OpenedPorts;
}

export interface StepTiming {
  readonly id: string;
  status: string;
  ms: number | null;
}

export type OpenedPorts = Ports & { close(): Promise<void> };

/** Connected to the platform's database. Except in a dry run without a job, the session takes the tool's lock next. */
export interface Connected extends Opened {
  readonly session: Session;
  /** Address of the platform's database, password included: for connecting, never for printing. */
  readonly databaseUrl: string;
}

/** An export whose facts are read and whose plan is made. A dry run stays here. */
export interface Planned extends Connected {
  readonly plan: Plan;
}

/** A job whose effects are in its journal. `plan`: of a job that failed before it was planned, `null`. */
export interface Journaled extends Connected {
  readonly jobId: string;
  readonly journal: Journal;
  readonly plan: Plan | null;
}

/** An export that makes its changes. */
export interface Running extends Journaled {
  readonly plan: Plan;
}

/** Any of the states, as far as it has come. */
export type AnyState = Opened & {
  readonly session?: Session;
  readonly jobId?: string | null;
  readonly plan?: Plan | null;
  /** Of a rollback: what its report lists instead of the plan's changes. */
  readonly undone?: readonly ReportedChange[];
};

/** Ends a run: prints the document of `--json` and frees the lock by closing the session, sets the exit code. */
export async function endRun(run: AnyState, exitCode: number, result?: object): Promise<void> {
  await run.report.flush();
  const changes: readonly Change[] = run.plan?.changes ?? [];
  const document: CommandReport = {
    ok: exitCode === EXIT.done,
    exitCode,
    ...(typeof run.jobId === 'string' ? { jobId: run.jobId } : {}),
    findings: run.findings,
    changes: run.undone ?? changes.map((c) => ({ step: c.step, target: c.target, summary: summaryOf(c) })),
    steps: run.steps,
    ...(result === undefined ? {} : { result }),
  };
  await run.reporter.document(document);
  await run.session?.close();
  exitWith(exitCode);
}

/** Milliseconds so far. */
export type Stopwatch = () => number;

/** Times one step, for the terminal and for the report. */
export async function timed<T>(
  { steps }: Pick<Opened, 'steps'>,
  id: string,
  work: (elapsed: Stopwatch) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const elapsed: Stopwatch = () => Math.round(performance.now() - began);
  const row: StepTiming = { id, status: 'in_progress', ms: null };
  steps.push(row);
  try {
    const result = await work(elapsed);
    row.status = 'completed';
    return result;
  } catch (error) {
    row.status = 'failed';
    throw error;
  } finally {
    row.ms = elapsed();
  }
}

/** Opens the ports for one scope of cancellation, and closes them after `work`. */
export async function withPorts<T>(
  run: Journaled,
  signal: AbortSignal,
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const ports = run.openPorts(run, signal);
  try {
    return await work(ports);
  } finally {
    await ports.close();
  }
}
