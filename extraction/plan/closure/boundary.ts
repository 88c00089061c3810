import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Constraint, Relation } from '../../catalog/catalog.ts';
import { crossingFindings } from './crossings.ts';
import { relationKey, type Graph } from './graph.ts';
import { isOutgoing, lineAround, viewsOver } from './line.ts';
import type { Selection } from './selection.ts';

/** What crosses the line around the selected tables. */
export interface Boundary {
  readonly findings: readonly Finding[];
  /** Foreign keys of selected tables to tables outside. They are severed. */
  readonly lostKeys: readonly Constraint[];
  /** Triggers of selected tables whose functions touch tables outside. They are left out. */
  readonly lostTriggers: ReadonlySet<string>;
  /** Views over selected tables only. */
  readonly views: readonly Relation[];
}

/** Pure: follows from the catalog alone. */
export function drawBoundary(
  catalog: Catalog,
  graph: Graph,
  selection: Selection,
  options: { readonly severIncoming: boolean },
): Boundary {
  const line = lineAround(catalog, graph, selection);
  const lostTriggers = catalog.triggers.filter(
    ({ oid, table }) => line.isInside(table) && line.outsideOf(`pg_trigger:${oid}`).length > 0,
  );
  return {
    findings: crossingFindings(line, options),
    lostKeys: catalog.constraints.filter((key) => isOutgoing(line, key)),
    lostTriggers: new Set(lostTriggers.map(({ oid }) => oid)),
    views: viewsOver(line).filter((view) => line.outsideOf(relationKey(view.oid)).length === 0),
  };
}
