import type { ToolNames } from '../../../contracts/naming.ts';
import type { Change } from '../../../contracts/plan.ts';
import type { DatabaseRef, ExtractionPlan, FenceSpec } from '../../../extraction/api.ts';
import type { ArchivedSource } from '../../../extraction/archive/archive-api.ts';
import type { Effect } from '../../core/step.ts';
import type { LiveTables } from '../../core/streams.ts';

/** What the end of an export's way back is planned from. */
export interface CompletionFacts {
  readonly names: ToolNames;
  readonly jobId: string;
  /** Folder of the archive: relative to the repository, or absolute. */
  readonly archive: string;
  /** `null` unless the export was live. */
  readonly live: LiveTables | null;
  /** Of the monolith's tables; `null` for a tool without tables. */
  readonly fence: FenceSpec | null;
  readonly service: DatabaseRef | null;
  /** The tables as they are now; `null` when they are archived or there are none. */
  readonly source: ArchivedSource | null;
  /** The tables as they are archived, or will be. */
  readonly archived: ExtractionPlan | null;
  /** Whether there are tables in the monolith. */
  readonly tablesThere: boolean;
  readonly dropSource: boolean;
  readonly removeCode: boolean;
  /** Whether the tool has a folder. */
  readonly codeThere: boolean;
}

/** One effect of `gulp complete`. `run` is safe to repeat; what cannot be undone comes after what can. */
export interface Completion<C extends Change = Change> extends Effect<C> {
  readonly title: string;
  /** Pure: the same facts give the same changes. */
  plan(facts: CompletionFacts): readonly C[];
}

/** Kind of the first change that cannot be undone: from its start on, no rollback is possible. */
export const END_WAY_BACK = 'end-way-back';

/** A rollback is refused before it reaches these. */
export function noUndo({ kind, target }: Change): Promise<never> {
  return Promise.reject(new Error(`${kind} ${target} cannot be undone`));
}

export const countTables = (n: number): string => `${n} ${n === 1 ? 'table' : 'tables'}`;
