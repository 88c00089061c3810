import { EXIT } from '../../contracts/errors.ts';
import type { JobStatus } from '../../contracts/job.ts';
import { endJob, markStepsRolledBack, type JobEnd as StoredEnd } from '../../registry-api/store/jobs.ts';
import { UNDO_PHASES, UNDO_TITLES, type UndoPhase } from '../core/step.ts';
import { undoPhase, type Orphan } from './executor.ts';
import { liveSwitchOf } from './live-return.ts';
import { settleWrites } from './service-writes.ts';
import { withPorts, type Journaled } from './states.ts';
import { rollbackCommand } from './writes-report.ts';

/** Steps of a rollback as the console counts them: the phases, and the job's own row. */
const COUNT = UNDO_PHASES.length + 1;

/** How the job ends when everything could be undone. */
export type JobEnd = Pick<StoredEnd, 'status' | 'error' | 'cancelledBy'>;

/**
 * Undoes everything in the journal of a job, and ends the job.
 *
 * The cancellation that may have caused it does not reach it. A failing undo keeps no other from running; the job then
 * ends as `rollback_failed`, and running the rollback again is safe.
 * @returns the effects that remain
 */
export async function compensate(run: Journaled, end: JobEnd): Promise<readonly Orphan[]> {
  protectUndo(run);
  const orphans: Orphan[] = [...(await syncBackFirst(run))];
  // Rows that cannot be synced back keep their database, and the registry does not report a clean state before it is
  const settled = orphans.length === 0;
  const phases = settled ? UNDO_PHASES : await phasesWithoutRows(run);
  for (const phase of phases) orphans.push(...(await undoOnePhase(run, phase, { openTables: settled })));
  await closeRolledBack(run, end, orphans);
  return orphans;
}

const KEEPING: readonly UndoPhase[] = ['database', 'registry'];

/** A service that has switched live, and cannot be switched back, goes on as it is: its rows and its callers are there. */
async function phasesWithoutRows({ journal }: Journaled): Promise<readonly UndoPhase[]> {
  if (liveSwitchOf(await journal.entries()) !== null) return [];
  return UNDO_PHASES.filter((phase) => !KEEPING.includes(phase));
}

/** An export that fails after the switch may have served writes for a moment: they are synced back without being asked. */
async function syncBackFirst(run: Journaled): Promise<readonly Orphan[]> {
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
        command: `${rollbackCommand(run)} --bring-back`,
      },
    ];
  }
}

/** Protects the undo from signals; a signal now prints the changes that a forced end would leave. */
export function protectUndo(
  run: Pick<Journaled, 'reporter' | 'interrupts' | 'journal' | 'jobId' | 'operationOf'>,
): void {
  const { reporter, journal, operationOf } = run;
  run.interrupts.protect(() => {
    void (async () => {
      const left = (await journal.entries())
        .filter((entry) => entry.state !== 'undone')
        .sort((a, b) => b.seq - a.seq);
      reporter.line(`Rolling back. If you force-quit now, ${left.length} changes remain:`);
      for (const { change } of left) reporter.line(`  ${operationOf(change).kind} ${change.target}`);
      reporter.line(`To undo them later, run: ${rollbackCommand(run)}`);
    })().catch(() => undefined); // the rollback itself reports a lost database
  });
}

/** The heading of a phase; a service in containers is named as such. */
export function undoTitle({ plan }: Pick<Journaled, 'plan'>, phase: UndoPhase): string {
  if (phase === 'service' && plan?.runtime === 'docker') return 'Stopping and removing Docker containers';
  return UNDO_TITLES[phase];
}

/**
 * One phase of a rollback, with its heading.
 * @param openTables whether the monolith's tables take writes again: not while rows of the service are missing there
 */
export async function undoOnePhase(
  run: Journaled,
  phase: UndoPhase,
  { openTables }: { readonly openTables: boolean } = { openTables: true },
): Promise<readonly Orphan[]> {
  const { reporter } = run;
  protectUndo(run);
  const title = undoTitle(run, phase);
  reporter.line(`[${UNDO_PHASES.indexOf(phase) + 1}/${COUNT}] ${title}...`);
  reporter.activity(title);
  try {
    const orphans = await withPorts(run, new AbortController().signal, (ports) =>
      undoPhase(phase, { ...run, ports }, ({ protectsRows }) => protectsRows === true && !openTables),
    );
    await markStepsRolledBack(run.session.client, run.jobId);
    return orphans;
  } finally {
    reporter.activity(null);
    reporter.line();
  }
}

/** The last step of a rollback: the job's row, then a list of the orphans. */
export async function closeRolledBack(
  run: Journaled,
  end: JobEnd,
  orphans: readonly Orphan[],
): Promise<void> {
  const { session, jobId, reporter, report } = run;
  reporter.line(`[${COUNT}/${COUNT}] Marking export job as rolled back...`);
  const status: JobStatus = orphans.length > 0 ? 'rollback_failed' : end.status;
  await markStepsRolledBack(session.client, jobId);
  await report.flush();
  report.log(orphans.length > 0 ? 'error' : 'success', `Job marked as ${status}`);
  await report.flush();
  await endJob(session.client, jobId, { ...end, status });
  reporter.line();
  if (orphans.length === 0) reporter.line('✅ Rollback completed successfully');
  else reportOrphans(run, orphans);
}

function reportOrphans({ reporter, findings, jobId }: Journaled, orphans: readonly Orphan[]): void {
  const again = `npx gulp rollback --job-id=${jobId}`;
  reporter.line('✗ Rollback incomplete. These resources remain:');
  for (const { target, message, command } of orphans) {
    reporter.line(`  ${target}: ${message}`);
    if (command !== '') reporter.line(`    remove it with: ${command}`);
  }
  reporter.line(`Then, or instead, run again: ${again}`);
  findings.push(
    ...orphans.map(({ target, message, command }) => ({
      code: 'rollback-incomplete',
      severity: 'error' as const,
      step: 'infrastructure' as const,
      message: `${target}: ${message}`,
      remedy: command === '' ? again : command,
    })),
  );
}

/** Exit code of a run that has been rolled back. */
export function exitAfterRollback(orphans: readonly Orphan[], usual: number): number {
  return orphans.length > 0 ? EXIT.rollbackIncomplete : usual;
}
