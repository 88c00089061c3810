import { EXIT } from '../../contracts/errors.ts';
import type { JobStatus } from '../../contracts/job.ts';
import type { StepId } from '../../contracts/plan.ts';
import { endJob, markStepRolledBack } from '../../registry-api/store/jobs.ts';
import { undoPhase, type Debris } from './executor.ts';
import { openPorts } from '../adapters/open-ports.ts';
import { UNDO_TITLES, operationOf } from '../pipeline.ts';
import { must, type Run } from './run.ts';
import { commandOf, settleWrites } from './service-writes.ts';
import { UNDO_PHASES, type UndoPhase } from '../core/step.ts';

/** Steps of a rollback as the console counts them: the phases, and the job's own row. */
const COUNT = UNDO_PHASES.length + 1;

/**
 * Takes back everything in the journal of a run's job, and ends the job.
 *
 * Runs in a scope of its own: the cancellation that may have caused it does not reach it. One undo that fails keeps
 * no other from running; the job then ends as `rollback_failed`, and running the rollback again is safe.
 * @returns what is left.
 */
export async function compensate(
  run: Run,
  end: {
    readonly status: JobStatus;
    readonly error?: { code: string; message: string; step: StepId | null };
  },
): Promise<readonly Debris[]> {
  protectUndo(run);
  const debris: Debris[] = [...(await bringHomeFirst(run))];
  // Rows that have no way home keep their database, and the registry does not say "clean" before it is
  const phases = debris.length === 0 ? UNDO_PHASES : UNDO_PHASES.filter((phase) => !KEEPING.includes(phase));
  for (const phase of phases) debris.push(...(await undoOnePhase(run, phase)));
  await closeRolledBack(run, end, debris);
  return debris;
}

const KEEPING: readonly UndoPhase[] = ['database', 'registry'];

/** An export that fails after traffic was switched may have served writes for a moment: they come home unasked. */
async function bringHomeFirst(run: Run): Promise<readonly Debris[]> {
  try {
    await settleWrites(run, 'bring-back', new AbortController().signal);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    run.report.log('error', message);
    return [
      {
        target: 'rows that the service may have written',
        message: message.split('\n')[0] ?? message,
        command: `${commandOf(run)} --bring-back`,
      },
    ];
  }
}

/** From here on a signal ends nothing; whoever sends one is told what an end by force would leave. */
export function protectUndo(run: Run): void {
  const { reporter } = run;
  run.interrupts.protect(() => {
    void (async () => {
      const entries = (await run.journal?.entries()) ?? [];
      const left = entries.filter((entry) => entry.state !== 'undone').sort((a, b) => b.seq - a.seq);
      reporter.line(`What was done is being taken back. An end by force would leave ${left.length} effects:`);
      for (const { change } of left) reporter.line(`  ${operationOf(change).kind} ${change.target}`);
      reporter.line(`This would take them back: ${commandOf(run)}`);
    })().catch(() => undefined); // the rollback itself will say that the database is gone
  });
}

/** What the console calls a phase: a service in containers is spoken of as such. */
export function undoTitle(run: Run, phase: UndoPhase): string {
  if (phase === 'service' && run.plan?.runtime === 'docker') return 'Stopping and removing Docker containers';
  return UNDO_TITLES[phase];
}

/** One phase of a rollback, with its heading. */
export async function undoOnePhase(run: Run, phase: UndoPhase): Promise<readonly Debris[]> {
  const journal = must(run.journal, 'the journal');
  const { reporter } = run;
  protectUndo(run);
  reporter.line(`[${UNDO_PHASES.indexOf(phase) + 1}/${COUNT}] ${undoTitle(run, phase)}...`);
  const ports = openPorts(run, new AbortController().signal);
  try {
    const debris = await undoPhase(phase, await journal.entries(), journal, ports);
    reporter.line();
    return debris;
  } finally {
    await ports.close();
  }
}

/** The last step of a rollback: the job's row, then the word on what is left. */
export async function closeRolledBack(
  run: Run,
  end: {
    readonly status: JobStatus;
    readonly error?: { code: string; message: string; step: StepId | null };
  },
  debris: readonly Debris[],
): Promise<void> {
  const { client } = must(run.session, 'the session');
  const jobId = must(run.jobId, 'the job');
  run.reporter.line(`[${COUNT}/${COUNT}] Marking export job as rolled back...`);
  const status: JobStatus = debris.length > 0 ? 'rollback_failed' : end.status;
  for (const { id } of run.steps.filter((s) => s.status === 'completed'))
    await markStepRolledBack(client, jobId, id as StepId);
  await run.report.flush();
  run.report.log(debris.length > 0 ? 'error' : 'success', `Job marked as ${status}`);
  await run.report.flush();
  await endJob(client, jobId, { status, ...(end.error === undefined ? {} : { error: end.error }) });
  run.reporter.line();
  if (debris.length === 0) {
    run.reporter.line('✅ Rollback completed successfully');
    return;
  }
  run.reporter.line('✗ Rollback incomplete. This is left:');
  for (const left of debris) {
    run.reporter.line(`  ${left.target}: ${left.message}`);
    if (left.command !== '') run.reporter.line(`    remove it with: ${left.command}`);
  }
  run.reporter.line(`Then, or instead, run again: npx gulp rollback --job-id=${jobId}`);
  run.findings.push(
    ...debris.map((left) => ({
      code: 'rollback-incomplete',
      severity: 'error' as const,
      step: 'infrastructure' as const,
      message: `${left.target}: ${left.message}`,
      remedy: left.command === '' ? `npx gulp rollback --job-id=${jobId}` : left.command,
    })),
  );
}

/** Exit code of a run that has been rolled back. */
export function exitAfterRollback(debris: readonly Debris[], usual: number): number {
  return debris.length > 0 ? EXIT.rollbackIncomplete : usual;
}
