import type { JournalEntry } from '../../../contracts/job.ts';
import type { Change } from '../../../contracts/plan.ts';
import type { Completion, CompletionFacts } from '../../steps/completion/completion.ts';

/** A change of `gulp complete`, and the journal's row that an earlier run has made for it. */
export interface PlannedChange {
  readonly operation: Completion;
  readonly change: Change;
  readonly seq: number | null;
}

/** The newest change of this kind that stands: started, or done. */
export const standing = (entries: readonly JournalEntry[], kind: string): JournalEntry | null =>
  entries.findLast(
    ({ change, state }) => change.kind === kind && (state === 'started' || state === 'done'),
  ) ?? null;

/**
 * What is left to do, in order. A change that an earlier run has begun is repeated as it was recorded; one that it has
 * made is made again only when the facts ask for it once more, as for an archive that is gone.
 */
export function planCompletion(
  operations: readonly Completion[],
  entries: readonly JournalEntry[],
  facts: CompletionFacts,
): readonly PlannedChange[] {
  return operations.flatMap((operation): readonly PlannedChange[] => {
    const entry = standing(entries, operation.kind);
    if (entry?.state === 'started') return [{ operation, change: entry.change, seq: entry.seq }];
    if (entry !== null && !REPEATED.includes(operation.kind)) return [];
    return operation.plan(facts).map((change) => ({ operation, change, seq: null }));
  });
}

/** Their plans are empty unless there is something to do. */
const REPEATED: readonly string[] = ['archive-source', 'drop-source', 'remove-code'];
