import type { Ports } from '../../core/ports.ts';
import { undoEntries, type Orphan } from '../../engine/executor.ts';
import { timed, withPorts, type Journaled } from '../../engine/states.ts';
import { END_WAY_BACK, noUndo } from '../../steps/completion/completion.ts';
import { COMPLETION } from '../../steps/completion/index.ts';
import type { PlannedChange } from './plan-completion.ts';

/**
 * Runs the changes, each behind its row of the journal: `started` before the effect, `done` after it.
 *
 * @param options.atEnd called before the first change that cannot be undone
 */
export async function executeCompletion(
  run: Journaled,
  changes: readonly PlannedChange[],
  { ports, atEnd }: { readonly ports: Ports; readonly atEnd: () => Promise<void> },
): Promise<void> {
  const { journal, reporter, interrupts } = run;
  for (const [index, { operation, change, seq: known }] of changes.entries()) {
    ports.signal.throwIfAborted();
    if (change.kind === END_WAY_BACK) await atEnd();
    if (operation.undo === noUndo)
      interrupts.protect(() =>
        reporter.line('Completing. If you force-quit now, run the same command again: it continues.'),
      );
    reporter.line(`[${index + 1}/${changes.length}] ${operation.title}...`);
    reporter.activity(operation.title);
    await timed(run, change.kind, async () => {
      const seq = known ?? (await journal.started(change));
      await operation.run(change, ports);
      await journal.done(seq);
      const tick = operation.done(change);
      if (tick !== '') ports.report.log('success', tick);
    }).finally(() => reporter.activity(null));
    reporter.line();
  }
}

/** Undoes the changes of a completion whose way back has not ended, newest first. */
export async function undoCompletion(run: Journaled): Promise<readonly Orphan[]> {
  const kinds = COMPLETION.map(({ kind }) => kind);
  const entries = (await run.journal.entries()).filter(
    ({ change, state }) => kinds.includes(change.kind) && state !== 'undone',
  );
  if (entries.length === 0) return [];
  run.reporter.line('Undoing...');
  return withPorts(run, new AbortController().signal, (ports) =>
    undoEntries(entries.toReversed(), { ...run, ports }),
  );
}
