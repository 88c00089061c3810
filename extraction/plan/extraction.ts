import pg from 'pg';
import type { Finding } from '../../contracts/plan.ts';
import type { Catalog, Key, Relation, DatabaseObject } from '../catalog/catalog.ts';
import { drawBoundary } from './closure/boundary.ts';
import { bystanderFindings } from './closure/bystanders.ts';
import { lineAround } from './closure/line.ts';
import { buildGraph, reach, relationKey, type Graph } from './closure/graph.ts';
import { closeOver } from './closure/members.ts';
import { findNamedSequences } from './closure/named-sequences.ts';
import { parseTableList, type TableName } from './closure/names.ts';
import { selectTables } from './closure/selection.ts';
import type { ExtractionPlan } from './plan.ts';
import { assemble } from './assemble.ts';
import { replacedGrants } from './post-data/service-grants.ts';
import type { Ownership, TargetFacts } from './target.ts';
import { checkTarget } from './check-target.ts';
import { planCopies } from './data/copies.ts';
import { maintenanceFindings } from './maintenance-path.ts';
import { keepArrayCastsOf } from './ddl/stable-arrays.ts';

export interface ExtractionRequest {
  readonly tables: readonly TableName[];
  readonly severIncoming: boolean;
  readonly ownership: Ownership;
}

export interface Extraction {
  /** `null` when no table could be chosen at all. */
  readonly plan: ExtractionPlan | null;
  /** Everything that was found. One `error` among them refuses the plan. */
  readonly findings: readonly Finding[];
  /** Foreign keys that were never validated, with the query that counts the rows they do not hold for. */
  readonly unvalidated: readonly { readonly object: string; readonly count: string }[];
}

/**
 * The whole database plan, from what the catalogs say. Pure: the same catalogs give the same text, which the dry run
 * prints and the run executes.
 */
export function planExtraction(read: Catalog, target: TargetFacts, request: ExtractionRequest): Extraction {
  const catalog = keepArrayCastsOf(read);
  const graph = buildGraph(catalog);
  const selection = selectTables(catalog, request.tables);
  if (selection.tables.length === 0) return { plan: null, findings: selection.findings, unvalidated: [] };
  const boundary = drawBoundary(catalog, graph, selection, { severIncoming: request.severIncoming });
  const inside = (oid: string | null): boolean => oid !== null && selection.oids.has(oid);
  const views = new Set(boundary.views.map((view) => view.oid));
  const kept = {
    constraints: catalog.constraints.filter((c) => inside(c.table) && !boundary.lostKeys.includes(c)),
    indexes: catalog.indexes.filter((i) => (inside(i.table) && (i.valid || graph.relations.get(i.table)?.kind === 'p')) || views.has(i.table)),
    triggers: catalog.triggers.filter((t) => (inside(t.table) || views.has(t.table)) && !boundary.lostTriggers.has(t.oid)),
    rules: catalog.rules.filter((r) => !r.isReturn && (inside(r.relation) || views.has(r.relation))),
    policies: catalog.policies.filter((p) => inside(p.table)),
    statistics: catalog.statistics.filter((s) => inside(s.table) || views.has(s.table)),
  }; // prettier-ignore
  const structureOf = (relations: readonly Relation[]): Key[] => {
    const oids = new Set(relations.map((relation) => relation.oid));
    return [
      ...relations.map((relation) => relationKey(relation.oid)),
      ...relations.flatMap((relation) => relation.columns.flatMap((c): Key[] => (c.expressionOid === null ? [] : [`pg_attrdef:${c.expressionOid}`]))),
      ...kept.constraints.flatMap((c): Key[] => (oids.has(c.table ?? '') ? [`pg_constraint:${c.oid}`] : [])),
      ...kept.indexes.flatMap((index) => (oids.has(index.table) ? [relationKey(index.oid)] : [])),
    ];
  };
  const structure = structureOf(selection.tables);
  const identities = catalog.sequences.filter((s) => s.ownedBy !== null && inside(s.ownedBy.table)).map((s) => relationKey(s.oid));
  const triggers = kept.triggers.map((t): Key => `pg_trigger:${t.oid}`);
  const named = findNamedSequences(catalog, selection, closeOver(catalog, graph, [...structure, ...identities, ...triggers]).keys);
  const early = closeOver(catalog, graph, [...structure, ...identities, ...named.keys]);
  const all = closeOver(catalog, graph, [
    ...structure,
    ...identities,
    ...named.keys,
    ...triggers,
    ...structureOf(boundary.views),
    ...kept.rules.map((r): Key => `pg_rewrite:${r.oid}`),
    ...kept.policies.map((p): Key => `pg_policy:${p.oid}`),
    ...kept.statistics.map((s): Key => `pg_statistic_ext:${s.oid}`),
  ]);
  const included = new Set<Key>([...all.keys, ...identities, ...boundary.views.map((view) => relationKey(view.oid))]);
  const parts = { catalog, graph, selection, boundary, kept, early: withoutViews(early.keys, graph, structure), included, extensions: all.extensions, target, ownership: request.ownership };
  const copies = planCopies(catalog, graph, selection, included);
  const assembled = assemble(parts);
  const plan: ExtractionPlan = {
    source: { database: catalog.server.database, version: catalog.server.version, encoding: catalog.server.encoding },
    searchPath: pathOf(catalog, [...selection.tables, ...catalog.functions.filter((fn) => included.has(`pg_proc:${fn.oid}`))]),
    groups: selection.groups.map((group) => ({ name: group.name, tables: group.members.map((member) => member.name) })),
    ...copies,
    ...assembled.statements,
  };
  const findings = [
    ...selection.findings,
    ...boundary.findings,
    ...all.findings,
    ...named.findings,
    ...bystanderFindings(lineAround(catalog, graph, selection), included),
    ...assembled.findings,
    ...checkTarget(parts, plan),
    ...maintenanceFindings(parts),
    ...replacedGrants(parts),
  ];
  const unvalidated = catalog.constraints.flatMap((c) => (inside(c.table) && c.orphans !== null ? [{ object: `${c.name} ON ${graph.relations.get(c.table ?? '')?.name ?? ''}`, count: c.orphans }] : []));
  return { plan, findings, unvalidated };
} // prettier-ignore

/** The path of a plain connection; behind it the schemas of what comes along, for bodies that rely on an application's own. */
function pathOf(catalog: Catalog, things: readonly DatabaseObject[]): string[] {
  const own = catalog.server.searchPath.map((schema) => pg.escapeIdentifier(schema));
  const others = catalog.schemas.filter(({ name, rawName }) => !catalog.server.searchPath.includes(rawName) && things.some((thing) => thing.schema === name));
  return [...own, ...others.map(({ rawName }) => pg.escapeIdentifier(rawName))];
} // prettier-ignore

/** Views come after the data: one may need a key of a table. Only what cannot be made without a view takes it along. */
function withoutViews(keys: ReadonlySet<Key>, graph: Graph, structure: readonly Key[]): ReadonlySet<Key> {
  const hard = reach(graph.needs, structure, () => false);
  return new Set([...keys].filter((key) => hard.has(key) || !isView(graph, key)));
}

const isView = (graph: Graph, key: Key): boolean =>
  ['v', 'm'].includes(key.startsWith('pg_class:') ? (graph.relations.get(key.slice(9))?.kind ?? '') : '');

export { parseTableList };
