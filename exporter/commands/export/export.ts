import { randomUUID } from 'node:crypto';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { beginStep, endStep, interruptPredecessors } from '../../../registry-api/store/jobs.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { TaskFailed } from '../../cli/task.ts';
import { CancelledError } from '../../core/failures.ts';
import type { Step } from '../../core/step.ts';
import { protectUndo } from '../../engine/compensate.ts';
import { executeStep } from '../../engine/executor.ts';
import { openSession } from '../../engine/session.ts';
import { refuseLostPlatform, refuseStalePlan } from '../../engine/stale.ts';
import {
  timed,
  withPorts,
  type Opened,
  type Planned,
  type Running,
  type Stopwatch,
} from '../../engine/states.ts';
import { PIPELINE } from '../../pipeline.ts';
import { openRun } from '../open-run.ts';
import { toolName } from '../tool-name.ts';
import { complete, completeDryRun } from './complete.ts';
import { printDryRunStep } from './dry-run.ts';
import { parseExportCommand, type ExportCommand } from './export-flags.ts';
import type { ExportState, JobOfRun } from './export-state.ts';
import { endFailedExport } from './failed-export.ts';
import { preflight } from './preflight.ts';
import { refuseStaleCutover } from './stale-cutover.ts';
import { adoptToolEnvironment } from './tool-environment.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';

/** The tasks of one `gulp export`. They run in order, and share the state of the export and nothing else. */
export interface ExportTasks {
  /** Reads the command line. */
  open(argv: readonly string[]): Promise<void>;
  /** One step. When it fails, everything done so far is rolled back before the task fails. */
  runStep(step: Step): Promise<void>;
  /** Completes the job. */
  close(): Promise<void>;
}

export function exportTasks(): ExportTasks {
  let current: { readonly command: ExportCommand; state: ExportState } | null = null;
  const begun = (): NonNullable<typeof current> => {
    if (current === null)
      throw new PlatformError('usage', 'Run the whole series: npx gulp export --tool-id=ID');
    return current;
  };
  return {
    async open(argv) {
      const command = parseExportCommand(argv);
      const root = findWorkspace(process.cwd());
      const run = openRun({ root, settings: parseSettings(process.env), json: command.json });
      current = { command, state: { phase: 'opened', run: { ...run, jobId: command.jobId } } };
      run.interrupts.signal.addEventListener('abort', () => {
        const { state } = begun();
        if (state.phase === 'running') protectUndo(state.run);
        else run.interrupts.protect(() => run.reporter.line('Stopping. Nothing has been changed.'));
      });
      await adoptToolEnvironment(run, command.request.toolId);
    },
    async runStep(step) {
      const series = begun();
      const { report, reporter, steps } = series.state.run;
      const advance = (state: ExportState): void => void (series.state = state);
      try {
        report.step = step.id;
        if (series.state.phase === 'opened') await connect(series.state.run, series.command, advance);
        reporter.line(`[${PIPELINE.indexOf(step) + 1}/${PIPELINE.length}] ${step.title}...`);
        reporter.activity(step.title);
        await timed({ steps }, step.id, (elapsed) => advanceBy(step, series, advance, elapsed));
        reporter.activity(null);
        reporter.line();
      } catch (error) {
        reporter.activity(null);
        await endFailedExport(series.state, series.command, step, error);
        throw new TaskFailed(`${step.title} failed; the reason is above`);
      }
    },
    async close() {
      const { state, command } = begun();
      if (state.phase === 'running') await complete(state.run, command);
      else if (state.phase === 'dry') await completeDryRun(state.run);
    },
  };
}

async function advanceBy(
  step: Step,
  { state, command }: { readonly state: ExportState; readonly command: ExportCommand },
  advance: (state: ExportState) => void,
  elapsed: Stopwatch,
): Promise<void> {
  if (state.phase === 'connected') await preflight(state.run, command, advance, elapsed);
  else if (state.phase === 'dry') await executeDry(state.run, step, elapsed);
  else if (state.phase === 'running') await execute(state.run, step, elapsed);
}

async function connect(
  run: Opened & JobOfRun,
  command: ExportCommand,
  advance: (state: ExportState) => void,
): Promise<void> {
  const { toolId, dryRun } = command.request;
  const { reporter, interrupts, memory } = run;
  const mode = dryRun ? ' (DRY-RUN MODE)' : '';
  reporter.line(`Starting export of '${await toolName(run.root, toolId)}'${mode}`);
  const databaseUrl = await openPlatformDatabase(run, { migrate: !dryRun });
  const session = await openSession(databaseUrl, `export ${toolId}`);
  session.lost.addEventListener('abort', () =>
    interrupts.cancel(new CancelledError('Interrupted by the loss of the lock')),
  );
  advance({ phase: 'connected', run: { ...run, databaseUrl, session } });
  // A dry run that the API has started is a job: it takes the lock, which shows others when it dies
  if (!dryRun || command.jobId !== null) {
    await session.lock(toolId);
    await interruptPredecessors(session.client, toolId, command.jobId);
    const jobId = command.jobId ?? (command.resume ? null : randomUUID());
    if (jobId !== null) {
      reporter.line(`Job ID: ${jobId}`);
      memory.attach(session.client, jobId);
    }
    advance({ phase: 'connected', run: { ...run, databaseUrl, session, jobId } });
  }
  reporter.line();
}

async function execute(run: Running, step: Step, elapsed: Stopwatch): Promise<void> {
  const { session, jobId, plan, interrupts } = run;
  await beginStep(session.client, jobId, step.id);
  await withPorts(run, interrupts.signal, async (ports) => {
    refuseStalePlan(plan, await ports.git.state());
    await refuseLostPlatform(run, plan.toolId, ports.platform);
    if (step.id === 'database') await refuseStaleCutover(run);
    await executeStep(step.id, plan, { ...run, ports });
  });
  await endStep(session.client, jobId, step.id, 'completed', elapsed());
}

/** Changes nothing. A dry run that the API has started logs the planned changes in its job. */
async function executeDry(run: Planned & JobOfRun, step: Step, elapsed: Stopwatch): Promise<void> {
  if (run.jobId === null) {
    printDryRunStep(run, step);
    return;
  }
  const { client } = run.session;
  await beginStep(client, run.jobId, step.id);
  const printed = printDryRunStep(run, step);
  await endStep(client, run.jobId, step.id, printed ? 'completed' : 'skipped', elapsed());
}
