import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Constraint, Relation } from '../../catalog/catalog.ts';
import { crossingFindings } from './crossings.ts';
import { relationKey, type Graph } from './graph.ts';
import { isOutgoing, sidesOf, viewsOver } from './sides.ts';
import type { Selection } from './selection.ts';

/** The boundary around the selected tables. */
export interface Boundary {
  readonly findings: readonly Finding[];
  /** Foreign keys of selected tables to tables outside. They are severed. */
  readonly lostKeys: readonly Constraint[];
  /** Triggers of selected tables whose functions touch tables outside. They are left out. */
  readonly lostTriggers: ReadonlySet<string>;
  /** Views that read selected tables only. */
  readonly views: readonly Relation[];
}

/** Pure: follows from the catalog alone. */
export function drawBoundary(
  catalog: Catalog,
  graph: Graph,
  selection: Selection,
  options: { readonly severIncoming: boolean },
): Boundary {
  const sides = sidesOf(catalog, graph, selection);
  const lostTriggers = catalog.triggers.filter(
    ({ oid, table }) => sides.isInside(table) && sides.outsideOf(`pg_trigger:${oid}`).length > 0,
  );
  return {
    findings: crossingFindings(sides, options),
    lostKeys: catalog.constraints.filter((key) => isOutgoing(sides, key)),
    lostTriggers: new Set(lostTriggers.map(({ oid }) => oid)),
    views: viewsOver(sides).filter((view) => sides.outsideOf(relationKey(view.oid)).length === 0),
  };
}
