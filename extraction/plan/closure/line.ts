import type { Catalog, Constraint, Key, Oid, Relation } from '../../catalog/catalog.ts';
import { isBuiltIn, reach, relationKey, type Graph } from './graph.ts';
import { isTable } from './members.ts';
import type { Selection } from './selection.ts';

/** The line between the selected tables and the tables that stay in the source. */
export interface Line {
  readonly catalog: Catalog;
  readonly graph: Graph;
  readonly tables: readonly Relation[];
  readonly isInside: (oid: Oid | null) => boolean;
  readonly nameOf: (oid: Oid | null) => string;
  /** Tables outside that the object touches, directly or through functions and views. */
  readonly outsideOf: (key: Key) => string[];
  /** Selected tables that the object touches in the same way. */
  readonly insideOf: (key: Key) => string[];
}

export function lineAround(catalog: Catalog, graph: Graph, { tables, oids }: Selection): Line {
  const oidOf = (key: Key): Oid => key.slice(key.indexOf(':') + 1);
  const isMember = (key: Key): boolean => catalog.members[key] !== undefined;
  const stop = (key: Key): boolean => isTable(graph, key) || isBuiltIn(key) || isMember(key);
  const nameOf = (oid: Oid | null): string => graph.relations.get(oid ?? '')?.name ?? oid ?? '';
  const touchedBy = (key: Key): Key[] =>
    [...reach(graph.uses, [key], stop)].filter((touched) => isTable(graph, touched));
  return {
    catalog,
    graph,
    tables,
    isInside: (oid) => oid !== null && oids.has(oid),
    nameOf,
    outsideOf: (key) =>
      touchedBy(key)
        .filter((touched) => !oids.has(oidOf(touched)) && !isMember(touched))
        .map((touched) => nameOf(oidOf(touched)))
        .sort(),
    insideOf: (key) =>
      touchedBy(key)
        .filter((touched) => oids.has(oidOf(touched)))
        .map((touched) => nameOf(oidOf(touched))),
  };
}

/** False for views and their like, which the plan treats as a whole. */
export const isStored = ({ graph }: Line, oid: Oid): boolean => isTable(graph, relationKey(oid));

/** Foreign keys between two tables of the catalog. */
const isForeignKey = ({ graph }: Line, { kind, table, refersTo }: Constraint): boolean =>
  kind === 'f' && graph.relations.has(table ?? '') && graph.relations.has(refersTo ?? '');

/** From a selected table to one outside. */
export const isOutgoing = (line: Line, key: Constraint): boolean =>
  isForeignKey(line, key) && line.isInside(key.table) && !line.isInside(key.refersTo);

/** From a table outside to a selected one. */
export const isIncoming = (line: Line, key: Constraint): boolean =>
  isForeignKey(line, key) && !line.isInside(key.table) && line.isInside(key.refersTo);

/** Views and materialized views that read at least one selected table. */
export const viewsOver = (line: Line): Relation[] =>
  line.catalog.relations.filter(
    ({ kind, oid }) =>
      (kind === 'v' || kind === 'm') &&
      line.catalog.members[relationKey(oid)] === undefined &&
      line.insideOf(relationKey(oid)).length > 0,
  );
