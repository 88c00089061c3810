/** The database part of a plan: JSON, so that a later process executes exactly the text that the dry run prints. */
import type { Json } from '../../contracts/plan.ts';

/** One SQL statement. `undo` is the statement that reverts it; empty when the undo of another statement covers it. */
export type Statement = {
  readonly id: string;
  readonly sql: string;
  readonly undo: string;
  /** Relations that it locks. Two statements that share one never run at the same time. */
  readonly locks: readonly string[];
};

/** One stored table. `name` is the same in source and target. */
export type TableCopy = {
  readonly name: string;
  /** The table that receives the rows: the root of the tree when rows may belong to another partition in the target. */
  readonly into: string;
  /** Quoted, without generated columns, which are computed again. */
  readonly columns: readonly string[];
  /** Quoted, every column, for verification. */
  readonly compared: readonly string[];
  /** Quoted columns of the key that orders rows; empty when there is none. */
  readonly key: readonly string[];
  /** COPY in text where a type has no portable binary form. */
  readonly format: 'binary' | 'text';
  /** Estimates. */
  readonly rows: number;
  readonly bytes: number;
  readonly pages: number;
  /** Columns whose values may be large objects. */
  readonly largeObjects: readonly string[];
  /** `WHERE …` that the copied rows fulfil, for the configuration table of an extension. */
  readonly condition?: string;
};

/** Tables as the user requested them: a partition tree is one table. */
export type TableGroup = {
  readonly name: string;
  readonly tables: readonly string[];
};

export type SequenceCopy = {
  readonly name: string;
  /** Table and column that the sequence numbers; `null` when there is none. */
  readonly feeds: { readonly table: string; readonly column: string } | null;
  readonly increment: string;
};

export type ExtractionPlan = {
  readonly source: { readonly database: string; readonly version: number; readonly encoding: string };
  /** Quoted search path of a plain connection of the source, which function bodies rely on. */
  readonly searchPath: readonly string[];
  /** `default_text_search_config` of a plain connection of the source; missing in plans of older exports. */
  readonly textSearchConfig?: string;
  readonly groups: readonly TableGroup[];
  readonly tables: readonly TableCopy[];
  /** Configuration tables of extensions, whose own rows are copied first; missing in plans of older exports. */
  readonly configuration?: readonly TableCopy[];
  readonly sequences: readonly SequenceCopy[];
  /** Pre-data, in order. */
  readonly before: readonly Statement[];
  /** Post-data: indexes and the keys on top of them, in parallel. */
  readonly indexes: readonly Statement[];
  /** Post-data: constraints that read whole tables, in parallel as far as locks allow. */
  readonly constraints: readonly Statement[];
  /** Post-data: everything else, in order. */
  readonly after: readonly Statement[];
};

/** Every statement, in the order of execution. */
export const statementsOf = ({ before, indexes, constraints, after }: ExtractionPlan): Statement[] => [
  ...before,
  ...indexes,
  ...constraints,
  ...after,
];

/** Proves at compile time that the plan is JSON. */
export type PlanIsJson = ExtractionPlan extends Json ? true : never;
export const planIsJson: PlanIsJson = true;
