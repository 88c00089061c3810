import type { JournalEntry } from '../../contracts/job.ts';
import type { Plan, StepId } from '../../contracts/plan.ts';
import type { Journal } from '../../registry-api/store/journal.ts';
import type { Ports } from '../core/ports.ts';
import type { Effect, FindOperation, UndoPhase } from '../core/step.ts';

/** Dependencies of executing and undoing changes. */
export interface Execution {
  readonly journal: Journal;
  readonly operationOf: FindOperation;
  readonly ports: Ports;
}

/** An effect that an undo could not remove. */
export interface Orphan {
  readonly target: string;
  readonly message: string;
  /** Command that removes it by hand. */
  readonly command: string;
}

/**
 * Runs the changes of one step, each behind its journal row: `started` before the effect, `done` after it.
 *
 * Changes and journal rows correspond one to one and in order, so a resumed export skips finished changes and repeats
 * the one that was interrupted.
 */
export async function executeStep(step: StepId, plan: Plan, execution: Execution): Promise<void> {
  const { journal, operationOf, ports } = execution;
  const before = await journal.entries();
  for (const [index, change] of plan.changes.entries()) {
    if (change.step !== step) continue;
    ports.signal.throwIfAborted();
    const known = before.find((entry) => entry.seq === index + 1);
    if (known?.state === 'done') continue;
    const seq = known?.seq ?? (await journal.started(change));
    // A rollback that died has undone it: the journal must say so before it is done again
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
 * Undoes the journal's changes of one phase, newest first. A failing undo is recorded and does not keep the others
 * from running; running it again later is safe.
 * @param keep changes that stay in place
 */
export async function undoPhase(
  phase: UndoPhase,
  execution: Execution,
  keep: (operation: Effect) => boolean = () => false,
): Promise<readonly Orphan[]> {
  const { journal, operationOf } = execution;
  const entries = entriesOf(phase, await journal.entries(), operationOf);
  return undoEntries(
    entries.filter(({ change }) => !keep(operationOf(change))),
    execution,
  );
}

/** Undoes these changes in this order, as {@link undoPhase} does. */
export async function undoEntries(
  entries: readonly JournalEntry[],
  { journal, operationOf, ports }: Execution,
): Promise<readonly Orphan[]> {
  const orphans: Orphan[] = [];
  for (const entry of entries) {
    const operation = operationOf(entry.change);
    // A journal that cannot be written means a lost lock: that ends the rollback and is no orphan
    await journal.undoing(entry.seq);
    try {
      await operation.undo(entry.change, ports);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const command = operation.removeByHand?.(entry.change) ?? '';
      orphans.push({ target: entry.change.target, message, command });
      ports.report.log('error', `${entry.change.target}: ${message}`);
      continue;
    }
    await journal.undone(entry.seq);
    const tick = operation.undone(entry.change);
    if (tick !== '') ports.report.log('success', tick);
  }
  return orphans;
}

/**
 * Prepares the resumption of an export whose rollback has died after it had opened the monolith's tables for writes:
 * undoes the changes that hold their earlier rows, so that they are made again.
 * @throws the error of an undo
 */
export async function undoOutdatedRows({ journal, operationOf, ports }: Execution): Promise<void> {
  const entries = await journal.entries();
  const opened = entries.filter(
    ({ change, state }) =>
      operationOf(change).protectsRows === true && (state === 'undoing' || state === 'undone'),
  );
  const outdated = entries
    .filter(({ seq, state, change }) =>
      opened.some((guard) => guard.change.step === change.step && seq > guard.seq && state !== 'undone'),
    )
    .sort((a, b) => b.seq - a.seq);
  for (const { seq, change } of outdated) {
    await journal.undoing(seq);
    await operationOf(change).undo(change, ports);
    await journal.undone(seq);
  }
}

/** The journal's rows that a phase still has to undo, in its order. */
export function entriesOf(
  phase: UndoPhase,
  entries: readonly JournalEntry[],
  operationOf: FindOperation,
): readonly JournalEntry[] {
  return entries
    .filter((entry) => entry.state !== 'undone' && operationOf(entry.change).undoPhase === phase)
    .sort((a, b) => b.seq - a.seq);
}
