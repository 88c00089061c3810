import type {
  Catalog,
  Constraint,
  Index,
  Key,
  Oid,
  Policy,
  Rule,
  Statistics,
  Trigger,
} from '../catalog/catalog.ts';
import type { Boundary } from './closure/boundary.ts';
import type { Graph } from './closure/graph.ts';
import type { Selection } from './closure/selection.ts';
import type { Ownership, TargetFacts } from './target.ts';

/** All that the statements follow from. */
export interface PlanInput {
  readonly catalog: Catalog;
  readonly graph: Graph;
  readonly selection: Selection;
  readonly boundary: Boundary;
  readonly kept: {
    readonly constraints: readonly Constraint[];
    readonly indexes: readonly Index[];
    readonly triggers: readonly Trigger[];
    readonly rules: readonly Rule[];
    readonly policies: readonly Policy[];
    readonly statistics: readonly Statistics[];
  };
  /** What tables, their defaults, checks and indexes need: it is made before the data. */
  readonly early: ReadonlySet<Key>;
  /** All that is made besides the tables and their parts. */
  readonly included: ReadonlySet<Key>;
  readonly extensions: ReadonlySet<Oid>;
  readonly target: TargetFacts;
  readonly ownership: Ownership;
}
