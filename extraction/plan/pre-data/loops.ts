import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Key } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { reach, relationKey, type Graph } from '../closure/graph.ts';

export interface Loops {
  /** Views that need themselves, through functions over their row type and their like. */
  readonly views: ReadonlySet<Key>;
  /** The needs, with those of such views cut down to the types of their columns. */
  readonly edges: ReadonlyMap<Key, ReadonlySet<Key>>;
  /** Loops that no view is part of. */
  readonly findings: readonly Finding[];
}

/**
 * CREATE OR REPLACE makes loops that no order of CREATE statements can: a view over a function over the view's row.
 * Such a view is made as a shell of NULLs first, and replaced when everything is there, as pg_dump does.
 */
export function cutLoops(
  catalog: Catalog,
  graph: Graph,
  input: { readonly created: ReadonlySet<Key>; readonly edges: ReadonlyMap<Key, ReadonlySet<Key>> },
): Loops {
  const edges = new Map(input.edges);
  const needsItself = (key: Key): boolean => reach(edges, [key], () => false).has(key);
  const views = new Set<Key>();
  for (const view of catalog.relations) {
    const key = relationKey(view.oid);
    if (view.kind !== 'v' || !input.created.has(key)) continue;
    if (namesOwnRow(catalog, view) || needsItself(key)) views.add(key);
  }
  for (const view of catalog.relations) {
    const key = relationKey(view.oid);
    if (!views.has(key)) continue;
    const types = view.columns.flatMap((column) => graph.typeKey(column.typeOid) ?? []);
    edges.set(key, new Set(types.filter((type) => type !== key)));
  }
  const left = [...input.created].filter((key) => edges.has(key) && needsItself(key));
  return { views, edges, findings: left.length === 0 ? [] : [refuse(catalog, left)] };
}

/** `ROW(…)::v` inside v: the graph has no edge from a thing to itself. */
function namesOwnRow(catalog: Catalog, view: Catalog['relations'][number]): boolean {
  const rule = catalog.rules.find((item) => item.isReturn && item.relation === view.oid);
  return catalog.dependencies.some(
    (item) => item.from === `pg_rewrite:${rule?.oid ?? ''}` && item.to === `pg_type:${view.typeOid}`,
  );
}

function refuse(catalog: Catalog, keys: readonly Key[]): Finding {
  const names = [
    ...catalog.functions.filter((fn) => keys.includes(`pg_proc:${fn.oid}`)).map((fn) => fn.identity),
    ...catalog.relations.filter((item) => keys.includes(relationKey(item.oid))).map((item) => item.name),
    ...catalog.types.filter((type) => keys.includes(`pg_type:${type.oid}`)).map((type) => type.name),
  ];
  return finding({
    severity: 'error',
    code: 'dependency-loop',
    object: names[0] ?? keys[0] ?? '',
    message: `${names.join(', ')} need each other in a circle that no order of CREATE statements can make`,
    remedy:
      'Write the body of one of the functions as a string instead of BEGIN ATOMIC, which needs nothing until it runs.',
  });
}
