import type { GateVerdict } from '../../contracts/gates.ts';
import type { Change, Finding, StepId } from '../../contracts/plan.ts';
import type { SharedFacts } from './facts.ts';
import type { OrphanedResource, OrphanPorts, SettledTool } from './orphans.ts';
import type { Ports, ReadPorts } from './ports.ts';

/**
 * The phases of a rollback, in order: traffic and writes return to the monolith first, then what served it is removed, and the
 * registry says "not exported" only when everything else is undone. Within a phase: the journal, newest first.
 */
export const UNDO_PHASES = ['configuration', 'service', 'database', 'folders', 'registry'] as const;
export type UndoPhase = (typeof UNDO_PHASES)[number];

/** Headings of the phases on the console. */
export const UNDO_TITLES: Readonly<Record<UndoPhase, string>> = {
  configuration: 'Restoring configuration backups',
  service: 'Stopping and removing the service',
  database: 'Dropping service database',
  folders: 'Deleting generated service directories',
  registry: 'Updating tool registry',
};

/**
 * One kind of effect: its execution and its undo in the same file.
 *
 * `run` and `undo` are safe to call twice, and safe to call after a crash half way through either.
 * `undo` needs the Change alone: it may run days later in another process.
 */
export interface Effect<C extends Change = Change> {
  readonly kind: C['kind'];
  readonly undoPhase: UndoPhase;
  /**
   * Set where the change keeps the monolith's rows from changing. A rollback leaves it in place while rows of the
   * service are not synced back. Once it is undone, the rows of later changes of its step are outdated, and a resumed
   * export makes these changes again.
   */
  readonly protectsRows?: true;
  /** Makes `change.after` true. */
  run(change: C, ports: Ports): Promise<void>;
  /** Makes `change.before` true again. */
  undo(change: C, ports: Ports): Promise<void>;
  /** The tick on the console after `run`, such as `Database 'crm_db' created`; `''` where `run` reports it itself. */
  done(change: C): string;
  /** The tick after `undo`; `''` where there was nothing to undo. */
  undone(change: C): string;
  /** What `undo` does, for the preview of a rollback: `Drop database crm_db`; `''` where it does nothing of its own. */
  wouldUndo(change: C): string;
  /** The tick of a dry run. */
  would(change: C): string;
  /** What the dry run shows of the change in full: diffs, statements. Without it, texts and files are shown as diffs. */
  details?(change: C): readonly string[];
  /** The command that removes by hand what a failed `undo` has left. */
  removeByHand?(change: C): string;
  /** Effects that no journal knows of, in the order in which they can be removed. Reads only. */
  findOrphans?(tool: SettledTool, ports: OrphanPorts): Promise<readonly OrphanedResource[]>;
}

/** An effect of an export, with its plan in the same file. */
export interface Operation<C extends Change = Change, F extends SharedFacts = SharedFacts> extends Effect<C> {
  /** Pure: the same facts give the same changes. A dry run stops here. */
  plan(facts: F): readonly C[];
}

/**
 * A step of the export. Steps know nothing of each other and nothing of their number; `pipeline.ts` orders them.
 * `F`: the shared facts and the step's own.
 */
export interface Step<F extends SharedFacts = SharedFacts> {
  readonly id: StepId;
  readonly title: string;
  /** Reads what the step's check and plans follow from. Changes nothing, decides nothing. */
  read(shared: SharedFacts, ports: ReadPorts): Promise<F>;
  /** Every problem, not the first. `carried`: what {@link Step.carries} says for all steps. */
  check(facts: F, carried: readonly string[]): readonly Finding[];
  /** Verdicts of gates that reading has run already. */
  gates?(facts: F): readonly GateVerdict[];
  /** Paths in the exported apps of the files that the step carries over unchanged. */
  carries?(facts: F): readonly string[];
  /** In the order in which their changes are made. */
  readonly operations: readonly Operation<Change, F>[];
}

/** The changes of one step, in order. Pure. */
export function planStep<F extends SharedFacts>(step: Step<F>, facts: F): readonly Change[] {
  return step.operations.flatMap((operation) => operation.plan(facts));
}

/** Finds the operation that made a change, in this process or in an earlier one. */
export type FindOperation = (change: Change) => Effect;

/**
 * @param others effects that no step plans
 * @throws Error from the lookup, when a journal holds a kind that this version does not know.
 */
export function operationsOf(steps: readonly Step[], others: readonly Effect[] = []): FindOperation {
  const known = new Map<string, Effect>(
    [...steps.flatMap((step) => step.operations), ...others].map((effect) => [effect.kind, effect]),
  );
  return ({ kind, target }) => {
    const operation = known.get(kind);
    if (operation === undefined)
      throw new Error(
        `This version has no operation "${kind}" (${target}); the export was made by another version.`,
      );
    return operation;
  };
}
