import type { Catalog } from '../catalog/catalog.ts';
import type { Boundary } from './closure/boundary.ts';
import type { Closure } from './closure/closure.ts';
import type { Graph } from './closure/graph.ts';
import type { Selection } from './closure/selection.ts';
import type { Ownership, TargetFacts } from './target.ts';

/** Everything that the statements follow from. */
export interface PlanInput extends Omit<Closure, 'findings'> {
  readonly catalog: Catalog;
  readonly graph: Graph;
  readonly selection: Selection;
  readonly boundary: Boundary;
  readonly target: TargetFacts;
  readonly ownership: Ownership;
}
