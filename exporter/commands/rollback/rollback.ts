import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import type { JobStatus, ReportedChange, RollbackPreview } from '../../../contracts/job.ts';
import {
  interruptPredecessors,
  peopleOfJob,
  refuseRollback,
  requestRollback,
  startJob,
} from '../../../registry-api/store/jobs.ts';
import { openJournal } from '../../../registry-api/store/journal.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { findPlatform } from '../../adapters/platform/find-platform.ts';
import { endOrphans } from '../../adapters/processes/orphans.ts';
import { TaskFailed } from '../../cli/task.ts';
import { toPlatformError } from '../../core/failures.ts';
import { stepsAfterRollback } from '../../core/next-steps.ts';
import { printSteps, stepTimes } from '../../core/reporter.ts';
import { UNDO_PHASES, type UndoPhase } from '../../core/step.ts';
import { closeRolledBack, exitAfterRollback, undoOnePhase, undoTitle } from '../../engine/compensate.ts';
import { entriesOf, type Orphan } from '../../engine/executor.ts';
import { readLeftBehind, ReturnDiffersError } from '../../engine/live-return.ts';
import { readWrites, reopenService, settleWrites, StillClosedError } from '../../engine/service-writes.ts';
import { describeOwner, openSession } from '../../engine/session.ts';
import { endRun, timed, type Connected, type Journaled, type Opened } from '../../engine/states.ts';
import {
  findingsOf,
  isLossless,
  conflictsOf,
  refusalOf,
  rollbackCommand,
  type WritesMode,
} from '../../engine/writes-report.ts';
import { openRun } from '../open-run.ts';
import { findJobToUndo } from './find-job.ts';
import { readEnding, restoreEnding, type JobEnding } from './job-ending.ts';
import { parseRollbackCommand, type RollbackCommand } from './rollback-flags.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';

/** A rollback under way, as far as it has come. */
type RollbackState =
  | { readonly phase: 'opened'; readonly run: Opened }
  | { readonly phase: 'connected'; readonly run: Connected }
  | { readonly phase: 'found'; readonly run: RollingBack };

/** With the changes that it has undone, or in a dry run would undo, so far. */
type RollingBack = Journaled & { readonly undone: ReportedChange[]; readonly written: { rows: number } };

/** The tasks of one `gulp rollback`. They run in order, and share the state of the rollback and nothing else. */
export interface RollbackTasks {
  /** Finds the job, takes the tool's lock, and settles the rows that the service has written. */
  open(argv: readonly string[]): Promise<void>;
  /** One phase. A dry run only lists its changes. */
  undoPhase(phase: UndoPhase): Promise<void>;
  /** Ends the job's row. */
  close(): Promise<void>;
}

export function rollbackTasks(): RollbackTasks {
  let current: { readonly command: RollbackCommand; state: RollbackState } | null = null;
  const orphans: Orphan[] = [];

  /** Reports why a task failed, ends the run, and lets gulp name the task. */
  async function guarded(work: (run: RollingBack, command: RollbackCommand) => Promise<void>): Promise<void> {
    if (current?.state.phase !== 'found')
      throw new PlatformError('usage', 'Run the whole series: npx gulp rollback --tool-id=ID');
    const { command, state } = current;
    await reported(
      () => state,
      () => work(state.run, command),
    );
  }

  return {
    async open(argv) {
      const command = parseRollbackCommand(argv);
      const root = findWorkspace(process.cwd());
      const run = openRun({ root, settings: parseSettings(process.env), json: command.json });
      const series: NonNullable<typeof current> = { command, state: { phase: 'opened', run } };
      current = series;
      await reported(
        () => series.state,
        () => start(run, command, (state) => void (series.state = state)),
      );
    },
    undoPhase: (phase) =>
      guarded((run, command) =>
        timed(run, phase, async () => {
          run.undone.push(...(await changesOf(run, phase)));
          if (command.dryRun) previewPhase(run, phase);
          else orphans.push(...(await undoOnePhase(run, phase)));
        }),
      ),
    close: () =>
      guarded(async (run, command) => {
        if (command.dryRun) run.reporter.line('✅ Dry-run completed: nothing was changed');
        else {
          await closeRolledBack(run, { status: 'rolled_back' }, orphans);
          await printNext(run, orphans);
        }
        run.reporter.aside(stepTimes(run.steps));
        const exitCode = exitAfterRollback(orphans, EXIT.done);
        const preview: RollbackPreview = { writtenRows: run.written.rows };
        await endRun(run, exitCode, command.dryRun ? preview : undefined);
        if (exitCode !== EXIT.done)
          throw new TaskFailed('the rollback is incomplete; the remaining resources are listed above');
      }),
  };
}

async function printNext(
  { reporter, root, settings, plan }: Journaled,
  orphans: readonly Orphan[],
): Promise<void> {
  if (plan === null || orphans.length > 0) return;
  const platform = await findPlatform(root, settings);
  printSteps(reporter, stepsAfterRollback(plan.toolId, platform?.url ?? null));
}

async function start(
  opened: Opened,
  command: RollbackCommand,
  advance: (state: RollbackState) => void,
): Promise<void> {
  const databaseUrl = await openPlatformDatabase(opened, { migrate: !command.dryRun });
  const session = await openSession(databaseUrl, `rollback ${command.toolId ?? command.jobId ?? ''}`);
  const connected: Connected = { ...opened, databaseUrl, session };
  advance({ phase: 'connected', run: connected });
  let { toolId, job } = await findJobToUndo(session, command);
  if (!command.dryRun) {
    await session.lock(toolId);
    await interruptPredecessors(session.client, toolId, null);
    // Read again: the earlier holder of the lock may have changed it
    ({ toolId, job } = await findJobToUndo(session, command));
  }
  const run: RollingBack = {
    ...connected,
    jobId: job.id,
    plan: job.plan,
    journal: openJournal(session.client, job.id),
    actor: (await peopleOfJob(session.client, job.id)).rollbackActor ?? opened.actor,
    undone: [],
    written: { rows: 0 },
  };
  run.memory.load(job.result);
  run.memory.attach(session.client, job.id);
  advance({ phase: 'found', run });
  run.reporter.line(`Rolling back export of '${toolId}'${command.dryRun ? ' (DRY-RUN MODE)' : ''}...`);
  run.reporter.line(`Job ID: ${job.id}`);
  run.reporter.line();
  if (command.dryRun) await previewWrites(run, command.writes);
  else await begin(run, command.writes);
}

/** Settles the writes of the service; from then on the rollback goes through its phases. */
async function begin(run: Journaled, mode: WritesMode): Promise<void> {
  const { report, jobId, session } = run;
  const { client } = session;
  report.attach(client, jobId);
  await endOrphans(jobId);
  try {
    await refuseLostWrites(run, mode);
  } catch (error) {
    await refuseRollback(client, jobId, toPlatformError(error).message).catch(() => undefined);
    throw error;
  }
  const before = await readEnding(client, jobId);
  await requestRollback(client, jobId, run.actor);
  await startJob(client, jobId, { owner: describeOwner(), plan: null, servicePort: null });
  try {
    await settleWrites(run, mode, run.interrupts.signal);
  } catch (error) {
    // Nothing was undone: the job's ending is restored. With a service that is still closed it can be resumed
    const reason = toPlatformError(error).message;
    await restoreEnding(client, jobId, { ...endingAfter(error, before), reason }).catch(() => undefined);
    throw error;
  }
}

function endingAfter(failure: unknown, before: JobEnding): JobEnding {
  const endsAs = (status: JobStatus, { code, message }: PlatformError): JobEnding => ({
    ...before,
    status,
    error: { code, message, step: null },
  });
  if (failure instanceof StillClosedError) return endsAs('interrupted', failure);
  // The monolith serves again: there is nothing to resume
  return failure instanceof ReturnDiffersError ? endsAs('rollback_failed', failure) : before;
}

/** Refuses before any change is made and before writes are blocked. */
async function refuseLostWrites(run: Journaled, mode: WritesMode): Promise<void> {
  if (mode === 'discard') return;
  const writes = await readWrites(run);
  if (writes === null || isLossless(writes) || (mode === 'bring-back' && writes.conflicts.length === 0))
    return;
  run.findings.push(...findingsOf(writes, 'error'));
  await reopenService(run); // an earlier attempt may have died with the service closed
  throw mode === 'refuse'
    ? refusalOf(writes, rollbackCommand(run))
    : conflictsOf(
        writes.conflicts.map(({ message }) => message),
        rollbackCommand(run),
      );
}

/** What a rollback would do with the rows that the service has written, and whether it would be refused. */
async function previewWrites(run: RollingBack, mode: WritesMode): Promise<void> {
  const { reporter } = run;
  for (const addition of await readLeftBehind(run))
    reporter.tick('warning', `Would leave behind what only the service has: ${addition}`);
  const writes = await readWrites(run).catch((error: unknown) => {
    if (mode !== 'discard') throw error;
    reporter.tick('warning', toPlatformError(error).message);
    return null;
  });
  if (writes === null || isLossless(writes)) return;
  const findings = findingsOf(writes, 'warning');
  run.findings.push(...findings);
  run.written.rows = writes.tables.reduce((sum, t) => sum + t.added + t.changed + t.removed, 0);
  const kept = mode === 'bring-back' && writes.conflicts.length === 0;
  const fate =
    mode === 'discard' ? 'Would discard' : kept ? 'Would sync back' : 'Would be refused because of';
  reporter.line(`${fate} what the service has written since the switch:`);
  for (const { message } of findings) reporter.tick(kept ? 'info' : 'warning', message);
  if (mode === 'refuse') reporter.line('Choose between --bring-back and --discard-writes.');
  reporter.line();
}

/** What a phase still has to undo, in its order. */
async function changesOf(
  { journal, operationOf }: Journaled,
  phase: UndoPhase,
): Promise<readonly ReportedChange[]> {
  return entriesOf(phase, await journal.entries(), operationOf)
    .map(({ change }) => ({
      step: change.step,
      kind: change.kind,
      target: change.target,
      summary: operationOf(change).wouldUndo(change),
      phase,
    }))
    .filter(({ summary }) => summary !== '');
}

function previewPhase(run: RollingBack, phase: UndoPhase): void {
  const { reporter } = run;
  reporter.line(`[${UNDO_PHASES.indexOf(phase) + 1}/${UNDO_PHASES.length + 1}] ${undoTitle(run, phase)}...`);
  for (const { summary } of run.undone.filter((change) => change.phase === phase))
    reporter.tick('info', `Would ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`);
  reporter.line();
}

async function reported(stateOf: () => RollbackState, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof TaskFailed) throw thrown;
    const { run } = stateOf();
    const error = toPlatformError(thrown);
    const { code, message } = error;
    run.report.log('error', message);
    run.findings.push({ code, severity: 'error', step: 'preflight', message, remedy: '' });
    // A refusal comes before the first undo; a later failure leaves changes that another rollback undoes
    const begun = run.steps.length > 0;
    if (begun && 'jobId' in run) run.reporter.line(`Run again: ${rollbackCommand(run)}`);
    await endRun(run, begun ? EXIT.rollbackIncomplete : exitOfRefusal(error));
    throw new TaskFailed('the rollback failed; the reason is above');
  }
}

const exitOfRefusal = ({ exitCode }: PlatformError): number =>
  [EXIT.usage, EXIT.interrupted, EXIT.rollbackIncomplete].some((own) => own === exitCode)
    ? exitCode
    : EXIT.refused;
