/** The database part of a plan: JSON, so that the dry run prints and a later process executes the very same text. */
import type { Json } from '../../contracts/plan.ts';

/** One command that is executed on its own. `undo` takes back what it made; empty where another undo covers it. */
export type Statement = {
  readonly id: string;
  readonly sql: string;
  readonly undo: string;
  /** Relations that it locks: two statements that share one never run at the same time. */
  readonly locks: readonly string[];
};

/** One stored table. `name` is the same on both sides. */
export type TableCopy = {
  readonly name: string;
  /** Where rows are put: the root of the tree when they may belong to another partition in the target. */
  readonly into: string;
  /** Quoted, as far as COPY can carry them (generated ones are computed again). */
  readonly columns: readonly string[];
  /** Quoted, all of them, for verification. */
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
};

/** How tables are shown to whoever asked for them: a tree of partitions is one table. */
export type TableGroup = {
  readonly name: string;
  readonly tables: readonly string[];
};

export type SequenceCopy = {
  readonly name: string;
  /** Table and column whose greatest value the sequence should have passed; `null` when it feeds none. */
  readonly feeds: { readonly table: string; readonly column: string } | null;
  readonly increment: string;
};

export type ExtractionPlan = {
  readonly source: { readonly database: string; readonly version: number; readonly encoding: string };
  /** Quoted schemas that a plain connection of the source looks names up in: bodies of functions rely on it. */
  readonly searchPath: readonly string[];
  readonly groups: readonly TableGroup[];
  readonly tables: readonly TableCopy[];
  readonly sequences: readonly SequenceCopy[];
  /** Before the data, in order. */
  readonly before: readonly Statement[];
  /** After the data: indexes and the keys made from them, parallel. */
  readonly indexes: readonly Statement[];
  /** Constraints that read whole tables; parallel as far as locks allow. */
  readonly constraints: readonly Statement[];
  /** At the end, in order. */
  readonly after: readonly Statement[];
};

/** Proves at compile time that the plan is JSON. */
export type PlanIsJson = ExtractionPlan extends Json ? true : never;
export const planIsJson: PlanIsJson = true;
