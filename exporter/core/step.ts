import type { Change, Finding, StepId } from '../../contracts/plan.ts';
import type { Facts } from './facts.ts';
import type { Ports } from './ports.ts';

/**
 * The phases of a rollback, in the order in which they run: traffic comes home first, then what served it goes,
 * and the registry says "clean" only when everything else is. Within a phase: the journal, newest first.
 */
export const UNDO_PHASES = ['configuration', 'service', 'database', 'folders', 'registry'] as const;
export type UndoPhase = (typeof UNDO_PHASES)[number];

/**
 * One kind of effect, with the way there and the way back in the same file.
 *
 * `run` and `undo` are safe to call twice, and safe to call after a crash half way through either.
 * `undo` needs the Change alone: it may run days later in another process.
 */
export interface Operation<C extends Change = Change> {
  readonly kind: C['kind'];
  readonly undoPhase: UndoPhase;
  /** Makes `change.after` true. */
  run(change: C, ports: Ports): Promise<void>;
  /** Makes `change.before` true again. */
  undo(change: C, ports: Ports): Promise<void>;
  /** The tick that the console shows when `run` is done, such as `Database 'crm_db' created`; `''` where `run` says it itself. */
  done(change: C): string;
  /** The same for `undo`; `''` where there was nothing to take back. */
  undone(change: C): string;
  /** What a dry run says it would do. */
  would(change: C): string;
  /** What the dry run shows of the change in full: diffs, statements. Without it, texts and files are shown as diffs. */
  details?(change: C): readonly string[];
  /** The command that removes by hand what an `undo` that failed has left. */
  debris?(change: C): string;
}

/** A step of the export. Steps know nothing of each other and nothing of their number; `pipeline.ts` orders them. */
export interface Step {
  readonly id: StepId;
  readonly title: string;
  /** Reads only. Every problem, not the first. */
  check(facts: Facts): readonly Finding[];
  /** Pure: the same facts give the same changes. A dry run stops here. */
  plan(facts: Facts): readonly Change[];
  // Method syntax in Operation lets one array hold operations of different changes.
  readonly operations: readonly Operation[];
}
