import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import { parseJobId, toolIdProblem } from '../../../contracts/ids.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { interruptPredecessors, startJob, type Queryable } from '../../../registry-api/store/jobs.ts';
import { openJournal } from '../../../registry-api/store/journal.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';
import { endOrphans } from '../../adapters/processes/orphans.ts';
import { parseFlags, usage } from '../../cli/command-line.ts';
import { closeRolledBack, exitAfterRollback, undoOnePhase, undoTitle } from '../../engine/compensate.ts';
import { entriesOf, type Debris } from '../../engine/executor.ts';
import { toPlatformError } from '../../core/failures.ts';
import { openDatabase } from '../../engine/open-database.ts';
import { operationOf } from '../../pipeline.ts';
import { lastUndoableJob, undoableJob, type LastJob } from '../../engine/resume.ts';
import {
  commandOf,
  readWrites,
  reopenService,
  settleWrites,
  StillClosedError,
  type WritesMode,
} from '../../engine/service-writes.ts';
import { findingsOf, isLossless, obstaclesOf, refusalOf } from './writes-report.ts';
import { endRun, must, startRun, timed, type Run } from '../../engine/run.ts';
import { describeOwner, openSession } from '../../engine/session.ts';
import { UNDO_PHASES, type UndoPhase } from '../../core/step.ts';
import { TaskFailed } from '../../cli/task.ts';

export const ROLLBACK_FLAGS = {
  'tool-id': { type: 'string', text: 'take back the latest export of this tool' },
  'job-id': { type: 'string', text: 'take back this job' },
  'dry-run': { type: 'boolean', text: 'show what would be undone; change nothing' },
  'bring-back': { type: 'boolean', text: 'bring home what the service has written since the switch' },
  'discard-writes': { type: 'boolean', text: 'lose what the service has written since the switch' },
  json: { type: 'boolean', text: 'print one JSON document (use with --silent)' },
} as const;

interface RollbackCommand {
  readonly toolId: string | null;
  readonly jobId: string | null;
  readonly dryRun: boolean;
  readonly writes: WritesMode;
}

let current: { readonly run: Run; readonly command: RollbackCommand; readonly debris: Debris[] } | null =
  null;

/** First task: finds the job, takes the tool's lock, and looks whether anything would be lost. */
export async function openRollback(argv: readonly string[]): Promise<void> {
  const flags = parseFlags('rollback', argv, ROLLBACK_FLAGS);
  const command: RollbackCommand = {
    toolId: flags['tool-id'] ?? null,
    jobId: flags['job-id'] ?? null,
    dryRun: flags['dry-run'] ?? false,
    writes:
      flags['bring-back'] === true ? 'bring-back' : flags['discard-writes'] === true ? 'discard' : 'refuse',
  };
  refuseBadCommand(command, flags['bring-back'] === true && flags['discard-writes'] === true);
  const run = startRun({
    root: findRepositoryRoot(process.cwd()),
    settings: parseSettings(process.env),
    json: flags.json ?? false,
  });
  current = { run, command, debris: [] };
  await guarded(run, () => find(run, command));
}

/** A task a phase. Without anything to undo it only says so. */
export async function runUndoPhase(phase: UndoPhase): Promise<void> {
  const { run, command, debris } = must(current, 'the rollback');
  await guarded(run, () =>
    timed(run, phase, async () => {
      if (command.dryRun) await previewPhase(run, phase);
      else debris.push(...(await undoOnePhase(run, phase)));
    }),
  );
}

/** Last task: the job's row says how it ended. */
export async function closeRollback(): Promise<void> {
  const { run, command, debris } = must(current, 'the rollback');
  await guarded(run, async () => {
    if (command.dryRun) run.reporter.line('✅ Dry-run completed: nothing was changed');
    else await closeRolledBack(run, { status: 'rolled_back' }, debris);
    const exitCode = exitAfterRollback(debris, EXIT.done);
    await endRun(run, exitCode);
    if (exitCode !== EXIT.done)
      throw new TaskFailed('the rollback is incomplete; what is left is listed above');
  });
}

function refuseBadCommand({ toolId, jobId }: RollbackCommand, both: boolean): void {
  const problems: string[] = [];
  if (both) problems.push('--bring-back and --discard-writes exclude each other');
  if (toolId === null && jobId === null) problems.push('--tool-id=ID or --job-id=J is needed');
  if (toolId !== null && toolIdProblem(toolId) !== null)
    problems.push(`--tool-id=${JSON.stringify(toolId)} ${toolIdProblem(toolId) ?? ''}`);
  if (jobId !== null) {
    try {
      parseJobId(jobId);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw usage('rollback', problems, ROLLBACK_FLAGS);
}

async function find(run: Run, command: RollbackCommand): Promise<void> {
  const url = await openDatabase(run, { migrate: !command.dryRun });
  run.databaseUrl = url;
  run.session = await openSession(url, `rollback ${command.toolId ?? command.jobId ?? ''}`);
  let { toolId, job } = await jobToUndo(run, command);
  if (!command.dryRun) {
    await run.session.lock(toolId);
    await interruptPredecessors(run.session.client, toolId, null);
    // Looked at again: whoever held the lock may have gone further with it
    ({ toolId, job } = await jobToUndo(run, command));
  }
  run.jobId = job.id;
  run.plan = job.plan;
  run.journal = openJournal(run.session.client, job.id);
  Object.assign(run.remembered, job.result ?? {});
  run.reporter.line(`Rolling back export of '${toolId}'${command.dryRun ? ' (DRY-RUN MODE)' : ''}...`);
  run.reporter.line(`Job ID: ${job.id}`);
  run.reporter.line();
  if (command.dryRun) {
    await previewWrites(run, command.writes);
    return;
  }
  run.report.attach(run.session.client, job.id);
  await endOrphans(job.id);
  await refuseLostWrites(run, command.writes);
  const before = await readEnd(run.session.client, job.id);
  await startJob(run.session.client, job.id, { owner: describeOwner(), plan: null, servicePort: null });
  try {
    await settleWrites(run, command.writes, run.interrupts.signal);
  } catch (error) {
    // Nothing was undone: the job is what it was. With a service that is still closed it is one to go on with
    const end =
      error instanceof StillClosedError
        ? {
            ...before,
            status: 'interrupted',
            error: { code: error.code, message: error.message, step: null },
          }
        : before;
    await putEndBack(run.session.client, job.id, end).catch(() => undefined);
    throw error;
  }
}

/** Says no while everything still is as it was, and nobody has been kept from writing. */
async function refuseLostWrites(run: Run, mode: WritesMode): Promise<void> {
  if (mode === 'discard') return;
  const writes = await readWrites(run);
  if (writes === null || isLossless(writes) || (mode === 'bring-back' && writes.conflicts.length === 0))
    return;
  run.findings.push(...findingsOf(writes, 'error'));
  await reopenService(run); // an earlier try may have died with the service closed
  throw mode === 'refuse'
    ? refusalOf(writes, commandOf(run))
    : obstaclesOf(
        writes.conflicts.map(({ message }) => message),
        commandOf(run),
      );
}

/** A dry run says what would become of the rows, and whether it would come to that. */
async function previewWrites(run: Run, mode: WritesMode): Promise<void> {
  const writes = await readWrites(run).catch((error: unknown) => {
    if (mode !== 'discard') throw error;
    run.reporter.tick('warning', toPlatformError(error).message);
    return null;
  });
  if (writes === null || isLossless(writes)) return;
  const findings = findingsOf(writes, 'warning');
  run.findings.push(...findings);
  const kept = mode === 'bring-back' && writes.conflicts.length === 0;
  run.reporter.line(
    `${mode === 'discard' ? 'Would drop' : kept ? 'Would bring home' : 'Would be refused, because of'} what the service has written since the switch:`,
  );
  for (const { message } of findings) run.reporter.tick(kept ? 'info' : 'warning', message);
  if (mode === 'refuse') run.reporter.line('Choose between --bring-back and --discard-writes.');
  run.reporter.line();
}

async function jobToUndo(run: Run, command: RollbackCommand): Promise<{ toolId: string; job: LastJob }> {
  const session = must(run.session, 'the session');
  if (command.jobId !== null) {
    const job = await undoableJob(session, command.jobId);
    if (job === null)
      throw new PlatformError(
        'job-not-found',
        `No job ${command.jobId} exists. List them with: npx gulp status`,
      );
    if (command.toolId !== null && command.toolId !== job.toolId)
      throw new PlatformError(
        'job-not-found',
        `Job ${job.id} belongs to "${job.toolId}", not to "${command.toolId}".`,
      );
    if (job.open === 0) throw nothingLeft(`Job ${job.id} (${job.status})`);
    return { toolId: job.toolId, job };
  }
  const toolId = command.toolId ?? '';
  const job = await lastUndoableJob(session, toolId, null);
  if (job === null) throw nothingLeft(`"${toolId}"`);
  return { toolId, job };
}

function nothingLeft(what: string): PlatformError {
  return new PlatformError(
    'nothing-to-roll-back',
    `${what} has no export that could be taken back. See: npx gulp status`,
  );
}

async function previewPhase(run: Run, phase: UndoPhase): Promise<void> {
  const journal = must(run.journal, 'the journal');
  run.reporter.line(
    `[${UNDO_PHASES.indexOf(phase) + 1}/${UNDO_PHASES.length + 1}] ${undoTitle(run, phase)}...`,
  );
  for (const { change } of entriesOf(phase, await journal.entries()))
    run.reporter.tick('info', `Would undo: ${operationOf(change).kind} ${change.target}`);
  run.reporter.line();
}

/** How a job had ended, for the case that taking it back is refused. */
interface JobEnding {
  readonly status: string;
  readonly completedAt: Date | null;
  readonly error: unknown;
}

async function readEnd(client: Queryable, jobId: string): Promise<JobEnding> {
  const { rows } = await client.query<JobEnding>(
    'SELECT status, completed_at AS "completedAt", error FROM export_jobs WHERE id = $1',
    [jobId],
  );
  if (rows[0] === undefined) throw new PlatformError('job-not-found', `No job ${jobId} exists.`);
  return rows[0];
}

async function putEndBack(client: Queryable, jobId: string, end: JobEnding): Promise<void> {
  await client.query('UPDATE export_jobs SET status = $2, completed_at = $3, error = $4 WHERE id = $1', [
    jobId,
    end.status,
    end.completedAt,
    end.error === null ? null : JSON.stringify(end.error),
  ]);
}

/** Says why a task failed, ends the run, and lets gulp name the task. */
async function guarded(run: Run, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof TaskFailed) throw thrown;
    const error = toPlatformError(thrown);
    run.report.log('error', error.message);
    run.findings.push({
      code: error.code,
      severity: 'error',
      step: 'preflight',
      message: error.message,
      remedy: '',
    });
    // Refusals come before the first undo; whatever comes later leaves effects that another rollback takes back
    const begun = run.steps.length > 0;
    if (begun) run.reporter.line(`Run again: npx gulp rollback --job-id=${run.jobId ?? ''}`);
    await endRun(
      run,
      begun
        ? EXIT.rollbackIncomplete
        : error.exitCode === EXIT.usage || error.exitCode === EXIT.interrupted
          ? error.exitCode
          : EXIT.refused,
    );
    throw new TaskFailed('the rollback failed; the reason is above');
  }
}
