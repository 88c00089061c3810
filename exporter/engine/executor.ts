import type { JournalEntry } from '../../contracts/job.ts';
import type { Plan, StepId } from '../../contracts/plan.ts';
import type { Journal } from '../../registry-api/store/journal.ts';
import { operationOf } from '../pipeline.ts';
import type { Ports } from '../core/ports.ts';
import type { UndoPhase } from '../core/step.ts';

/** Something that an undo could not take back. */
export interface Debris {
  readonly target: string;
  readonly message: string;
  /** Command that removes it by hand. */
  readonly command: string;
}

/**
 * Runs the changes of one step, each behind its journal row: `started` before the effect, `done` after it.
 *
 * Changes and journal rows correspond one to one and in order, so a resumed export skips what is done and does
 * again what was half done.
 */
export async function executeStep(step: StepId, plan: Plan, journal: Journal, ports: Ports): Promise<void> {
  const before = await journal.entries();
  for (const [index, change] of plan.changes.entries()) {
    if (change.step !== step) continue;
    ports.signal.throwIfAborted();
    const known = before.find((entry) => entry.seq === index + 1);
    if (known?.state === 'done') continue;
    const seq = known?.seq ?? (await journal.started(change));
    // A rollback that died has taken it back: before it is done again, the journal has to say so
    if (known !== undefined && known.state !== 'started') await journal.restarted(seq);
    const operation = operationOf(change);
    await operation.run(change, ports);
    ports.signal.throwIfAborted();
    await journal.done(seq);
    const tick = operation.done(change);
    if (tick !== '') ports.report.log('success', tick);
  }
}

/**
 * Takes back what the journal holds for one phase, newest first. An undo that fails is written down and does not
 * keep the others from running; running it again later is safe.
 */
export async function undoPhase(
  phase: UndoPhase,
  entries: readonly JournalEntry[],
  journal: Journal,
  ports: Ports,
): Promise<readonly Debris[]> {
  const debris: Debris[] = [];
  for (const entry of entriesOf(phase, entries)) {
    const operation = operationOf(entry.change);
    // A journal that cannot be written means a lost lock: that ends the rollback, it is no debris
    await journal.undoing(entry.seq);
    try {
      await operation.undo(entry.change, ports);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      debris.push({ target: entry.change.target, message, command: operation.debris?.(entry.change) ?? '' });
      ports.report.log('error', `${entry.change.target}: ${message}`);
      continue;
    }
    await journal.undone(entry.seq);
    const tick = operation.undone(entry.change);
    if (tick !== '') ports.report.log('success', tick);
  }
  return debris;
}

/** The journal's rows that a phase still has to take back, in the order in which it does. */
export function entriesOf(phase: UndoPhase, entries: readonly JournalEntry[]): readonly JournalEntry[] {
  return entries
    .filter((entry) => entry.state !== 'undone' && operationOf(entry.change).undoPhase === phase)
    .sort((a, b) => b.seq - a.seq);
}
