import type { Catalog, Dependency, Key, Oid, Relation, TypeObject } from '../../catalog/catalog.ts';
import { FIRST_NORMAL_OID } from '../../catalog/fragments.ts';

/** Dependencies between objects and parts of tables. */
export interface Graph {
  /** Direct needs. Parts of tables (defaults, constraints, indexes …) are nodes of their own, not needs of their table. */
  readonly needs: ReadonlyMap<Key, ReadonlySet<Key>>;
  /** The same, with the objects that function bodies name. */
  readonly uses: ReadonlyMap<Key, ReadonlySet<Key>>;
  readonly relations: ReadonlyMap<Oid, Relation>;
  readonly types: ReadonlyMap<Oid, TypeObject>;
  readonly typeKey: (oid: Oid) => Key | null;
}

export const relationKey = (oid: Oid): Key => `pg_class:${oid}`;

/** Objects that initdb creates. */
export const isBuiltIn = (key: Key): boolean => Number(key.slice(key.indexOf(':') + 1)) < FIRST_NORMAL_OID;

/** Builds both maps. Pure. */
export function buildGraph(catalog: Catalog): Graph {
  const relations = new Map(catalog.relations.map((relation) => [relation.oid, relation]));
  const types = new Map(catalog.types.map((type) => [type.oid, type]));
  const typeKey = typeKeys(catalog, relations, types);
  const normalize = addresses(catalog, relations, typeKey);
  const sequences = new Set(catalog.sequences.map((sequence) => relationKey(sequence.oid)));
  const needs = new Map<Key, Set<Key>>();
  for (const dependency of catalog.dependencies)
    if (!isOwnership(dependency, sequences, types))
      addEdge(needs, normalize(dependency.from), normalize(dependency.to));
  return { needs, uses: addBodies(catalog, needs, { normalize, typeKey }), relations, types, typeKey };
}

/** What needs what. */
export type Edges = Map<Key, Set<Key>>;

/** Adds an edge, except from a key to itself. */
export function addEdge(edges: Edges, from: Key, to: Key): void {
  if (from === to) return;
  const set = edges.get(from);
  if (set === undefined) edges.set(from, new Set([to]));
  else set.add(to);
}

function typeKeys(catalog: Catalog, relations: Graph['relations'], types: Graph['types']): Graph['typeKey'] {
  const ranges = new Map(
    catalog.types.flatMap(({ oid, range }) => (range === null ? [] : [[range.multirange, oid] as const])),
  );
  return function typeKey(oid: Oid): Key | null {
    const type = types.get(oid);
    if (type === undefined) return null;
    if (type.elementOf !== null) return typeKey(type.elementOf);
    if (type.kind === 'm') return `pg_type:${ranges.get(type.name) ?? oid}`;
    if (type.relation !== null && relations.get(type.relation)?.kind !== 'c')
      return relationKey(type.relation);
    return `pg_type:${oid}`;
  };
}

/** Several addresses mean one object: a row type is its table, a rewrite rule is its view. */
function addresses(
  catalog: Catalog,
  relations: Graph['relations'],
  typeKey: Graph['typeKey'],
): (key: Key) => Key {
  const compositeOf = new Map(
    catalog.types.flatMap(({ oid, relation }) => (relation === null ? [] : [[relation, oid] as const])),
  );
  const views = new Map<Key, Key>(
    catalog.rules
      .filter((rule) => rule.isReturn)
      .map(({ oid, relation }) => [`pg_rewrite:${oid}`, relationKey(relation)]),
  );
  const members = operatorMembers(catalog);
  return (key) => {
    const [catalogName = '', oid = ''] = key.split(':');
    if (catalogName === 'pg_type') return typeKey(oid) ?? key;
    if (catalogName === 'pg_class' && relations.get(oid)?.kind === 'c')
      return `pg_type:${compositeOf.get(oid) ?? oid}`;
    return views.get(key) ?? members.get(key) ?? key;
  };
}

/** Operators and functions of an operator class or family depend on it through rows of their own. */
function operatorMembers({ dependencies }: Catalog): ReadonlyMap<Key, Key> {
  const members = new Map<Key, Key>();
  for (const { from, to } of dependencies)
    if (/^pg_am(op|proc):/.test(from) && /^pg_op(class|family):/.test(to))
      if (!members.has(from) || to.startsWith('pg_opclass:')) members.set(from, to);
  return members;
}

/** Dependencies that record an owner, not a need: a sequence of its column, a row type of its table. */
function isOwnership(
  { from, kind }: Dependency,
  sequences: ReadonlySet<Key>,
  types: Graph['types'],
): boolean {
  if (kind !== 'a' && kind !== 'i') return false;
  if (sequences.has(from)) return true;
  if (!from.startsWith('pg_type:') || kind !== 'i') return false;
  const type = types.get(from.slice(8));
  return type?.relation !== null || type.elementOf !== null;
}

/** The needs, with everything that domain checks and function bodies use. */
function addBodies(
  catalog: Catalog,
  needs: Edges,
  { normalize, typeKey }: { normalize: (key: Key) => Key; typeKey: Graph['typeKey'] },
): Edges {
  const uses: Edges = new Map([...needs].map(([key, set]) => [key, new Set(set)]));
  // pg_depend records the needs of a domain's check at the check alone
  for (const { oid, domain } of catalog.constraints)
    if (domain !== null)
      for (const need of needs.get(`pg_constraint:${oid}`) ?? []) addEdge(uses, `pg_type:${domain}`, need);
  for (const { oid, body } of catalog.functions) {
    const used = [
      ...[...body.relations, ...body.sequences].map((relation) => normalize(relationKey(relation))),
      ...body.functions.map((fn): Key => `pg_proc:${fn}`),
      ...body.types.map((type) => typeKey(type) ?? (`pg_type:${type}` as const)),
      ...body.objects,
    ];
    for (const key of used) addEdge(uses, `pg_proc:${oid}`, key);
  }
  return uses;
}

/** Everything reachable from `start`, without `start` itself. Includes the keys at which `stop` ends the search. */
export function reach(
  edges: ReadonlyMap<Key, ReadonlySet<Key>>,
  start: Iterable<Key>,
  stop: (key: Key) => boolean,
): Set<Key> {
  const found = new Set<Key>();
  const waiting: Key[] = [...start];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop())
    for (const next of edges.get(key) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      if (!stop(next)) waiting.push(next);
    }
  return found;
}

/** Topological order, needs first; ties keep the given order. A circle is broken where it is entered. */
export function sortByNeed(keys: readonly Key[], edges: ReadonlyMap<Key, ReadonlySet<Key>>): Key[] {
  const wanted = new Set(keys);
  const seen = new Set<Key>();
  const sorted: Key[] = [];
  const visit = (key: Key): void => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const need of [...(edges.get(key) ?? [])].sort()) visit(need);
    if (wanted.has(key)) sorted.push(key);
  };
  for (const key of keys) visit(key);
  return sorted;
}
