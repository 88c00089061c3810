import type { Finding } from '../../../contracts/plan.ts';
import type {
  Catalog,
  Constraint,
  Index,
  Key,
  Oid,
  Policy,
  Relation,
  Rule,
  Statistics,
  Trigger,
} from '../../catalog/catalog.ts';
import type { Boundary } from './boundary.ts';
import { defaultConfigurationKeys } from './default-configuration.ts';
import { reach, relationKey, type Graph } from './graph.ts';
import { closeOver } from './members.ts';
import { findNamedSequences } from './named-sequences.ts';
import type { Selection } from './selection.ts';

/** Parts of selected tables and of views over them. */
export interface Kept {
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly rules: readonly Rule[];
  readonly policies: readonly Policy[];
  readonly statistics: readonly Statistics[];
}

export interface Closure {
  readonly kept: Kept;
  /** What tables, their defaults, checks and indexes need: created before the rows. */
  readonly early: ReadonlySet<Key>;
  /** Everything that is created besides the tables and their parts. */
  readonly included: ReadonlySet<Key>;
  readonly extensions: ReadonlySet<Oid>;
  readonly findings: readonly Finding[];
}

interface Selected {
  readonly catalog: Catalog;
  readonly graph: Graph;
  readonly selection: Selection;
  readonly boundary: Boundary;
  readonly namedByRows: readonly Key[];
}

/** The selected tables with everything that they need. */
export function closeSelection(selected: Selected): Closure {
  const { catalog, graph, selection, boundary } = selected;
  const kept = keptParts(selected);
  const structure = structureOf(selection.tables, kept);
  const identities = catalog.sequences
    .filter(({ ownedBy }) => ownedBy !== null && selection.oids.has(ownedBy.table))
    .map(({ oid }) => relationKey(oid));
  const triggers = kept.triggers.map(({ oid }): Key => `pg_trigger:${oid}`);
  const base = [...structure, ...identities, ...defaultConfigurationKeys(catalog), ...selected.namedByRows];
  const named = findNamedSequences(
    catalog,
    selection,
    closeOver(catalog, graph, [...base, ...triggers]).keys,
  );
  const early = closeOver(catalog, graph, [...base, ...named.keys]);
  const all = closeOver(catalog, graph, [
    ...base,
    ...named.keys,
    ...triggers,
    ...structureOf(boundary.views, kept),
    ...kept.rules.map(({ oid }): Key => `pg_rewrite:${oid}`),
    ...kept.policies.map(({ oid }): Key => `pg_policy:${oid}`),
    ...kept.statistics.map(({ oid }): Key => `pg_statistic_ext:${oid}`),
  ]);
  const views = boundary.views.map(({ oid }) => relationKey(oid));
  return {
    kept,
    // the state of a sequence is copied with the rows, whatever needs the sequence
    early: new Set([
      ...withoutViews(early.keys, graph, [...structure, ...selected.namedByRows]),
      ...sequencesIn(catalog, all.keys),
    ]),
    included: new Set([...all.keys, ...identities, ...views]),
    extensions: all.extensions,
    findings: [...all.findings, ...named.findings],
  };
}

const sequencesIn = ({ sequences }: Catalog, keys: ReadonlySet<Key>): Key[] =>
  sequences.map(({ oid }) => relationKey(oid)).filter((key) => keys.has(key));

function keptParts({ catalog, graph, selection, boundary }: Selected): Kept {
  const { constraints, indexes, triggers, rules, policies, statistics } = catalog;
  const isTable = (oid: Oid | null): boolean => oid !== null && selection.oids.has(oid);
  const views = new Set(boundary.views.map((view) => view.oid));
  const isKept = (oid: Oid): boolean => isTable(oid) || views.has(oid);
  const isUsable = ({ valid, table }: Index): boolean => valid || graph.relations.get(table)?.kind === 'p';
  return {
    constraints: constraints.filter((key) => isTable(key.table) && !boundary.lostKeys.includes(key)),
    indexes: indexes.filter((index) => (isTable(index.table) && isUsable(index)) || views.has(index.table)),
    triggers: triggers.filter(({ oid, table }) => isKept(table) && !boundary.lostTriggers.has(oid)),
    rules: rules.filter((rule) => !rule.isReturn && isKept(rule.relation)),
    policies: policies.filter((policy) => isTable(policy.table)),
    statistics: statistics.filter((item) => isKept(item.table)),
  };
}

/** Relations with their defaults, constraints and indexes. */
function structureOf(relations: readonly Relation[], { constraints, indexes }: Kept): Key[] {
  const oids = new Set(relations.map((relation) => relation.oid));
  const defaults = relations.flatMap(({ columns }) =>
    columns.flatMap(({ expressionOid }) => expressionOid ?? []),
  );
  return [
    ...relations.map(({ oid }) => relationKey(oid)),
    ...defaults.map((oid): Key => `pg_attrdef:${oid}`),
    ...constraints.filter(({ table }) => oids.has(table ?? '')).map(({ oid }): Key => `pg_constraint:${oid}`),
    ...indexes.filter(({ table }) => oids.has(table)).map(({ oid }) => relationKey(oid)),
  ];
}

/** Views come after the rows, because one may need a key of a table; except views that a table cannot be created without. */
function withoutViews(keys: ReadonlySet<Key>, graph: Graph, structure: readonly Key[]): ReadonlySet<Key> {
  const hard = reach(graph.needs, structure, () => false);
  return new Set([...keys].filter((key) => hard.has(key) || !isView(graph, key)));
}

const isView = (graph: Graph, key: Key): boolean =>
  ['v', 'm'].includes(key.startsWith('pg_class:') ? (graph.relations.get(key.slice(9))?.kind ?? '') : '');
