import type { Catalog, Key, Oid, Relation, TypeObject } from '../../catalog/catalog.ts';

/** Who needs whom, between objects that can be created on their own and the parts of tables. */
export interface Graph {
  /** Direct needs. PlanInput of tables (defaults, constraints, indexes …) are nodes of their own, not needs of their table. */
  readonly needs: ReadonlyMap<Key, ReadonlySet<Key>>;
  /** The same, plus what bodies of functions name. */
  readonly uses: ReadonlyMap<Key, ReadonlySet<Key>>;
  readonly relations: ReadonlyMap<Oid, Relation>;
  readonly types: ReadonlyMap<Oid, TypeObject>;
  readonly typeKey: (oid: Oid) => Key | null;
}

export const relationKey = (oid: Oid): Key => `pg_class:${oid}`;

const NORMAL = 16_384;
export const isBuiltIn = (key: Key): boolean => Number(key.slice(key.indexOf(':') + 1)) < NORMAL;

/** Builds both maps. Pure. */
export function buildGraph(catalog: Catalog): Graph {
  const relations = new Map(catalog.relations.map((relation) => [relation.oid, relation]));
  const types = new Map(catalog.types.map((type) => [type.oid, type]));
  const compositeOf = new Map(
    catalog.types.flatMap((type) => (type.relation === null ? [] : [[type.relation, type.oid] as const])),
  );
  const ranges = new Map(
    catalog.types.flatMap((type) =>
      type.range === null ? [] : [[type.range.multirange, type.oid] as const],
    ),
  );
  const views = new Map<Key, Key>(
    catalog.rules.flatMap((rule) => (rule.isReturn ? [[`pg_rewrite:${rule.oid}`, relationKey(rule.relation)] as const] : [])),
  ); // prettier-ignore

  function typeKey(oid: Oid): Key | null {
    const type = types.get(oid);
    if (type === undefined) return null;
    if (type.elementOf !== null) return typeKey(type.elementOf);
    if (type.kind === 'm') return `pg_type:${ranges.get(type.name) ?? oid}`;
    if (type.relation !== null && relations.get(type.relation)?.kind !== 'c')
      return relationKey(type.relation);
    return `pg_type:${oid}`;
  }

  /** Several addresses mean one object: a row type is its table, a rewrite rule is its view. */
  function normal(key: Key): Key {
    const [catalogName = '', oid = ''] = key.split(':');
    if (catalogName === 'pg_type') return typeKey(oid) ?? key;
    if (catalogName === 'pg_class' && relations.get(oid)?.kind === 'c')
      return `pg_type:${compositeOf.get(oid) ?? oid}`;
    return views.get(key) ?? members.get(key) ?? key;
  }

  // operators and functions of an operator class or family hang on rows of their own
  const members = new Map<Key, Key>();
  for (const { from, to } of catalog.dependencies)
    if (/^pg_am(op|proc):/.test(from) && /^pg_op(class|family):/.test(to)) {
      const known = members.get(from);
      if (known === undefined || to.startsWith('pg_opclass:')) members.set(from, to);
    }

  const needs = new Map<Key, Set<Key>>();
  const add = (map: Map<Key, Set<Key>>, from: Key, to: Key): void => {
    if (from === to) return;
    const set = map.get(from);
    if (set === undefined) map.set(from, new Set([to]));
    else set.add(to);
  };
  const owned = new Set(catalog.sequences.map((sequence) => relationKey(sequence.oid)));
  for (const dependency of catalog.dependencies) {
    // a sequence belongs to its column, but does not need it
    if (owned.has(dependency.from) && (dependency.kind === 'a' || dependency.kind === 'i')) continue;
    if (dependency.from.startsWith('pg_type:') && dependency.kind === 'i') {
      const type = types.get(dependency.from.slice(8));
      if (type?.relation !== null || type.elementOf !== null) continue;
    }
    add(needs, normal(dependency.from), normal(dependency.to));
  }
  const uses = new Map<Key, Set<Key>>([...needs].map(([key, set]) => [key, new Set(set)]));
  // a domain needs what its checks call, though only the checks are recorded as needing it
  for (const check of catalog.constraints)
    if (check.domain !== null)
      for (const need of needs.get(`pg_constraint:${check.oid}`) ?? [])
        add(uses, `pg_type:${check.domain}`, need);
  for (const fn of catalog.functions) {
    const from: Key = `pg_proc:${fn.oid}`;
    for (const oid of [...fn.body.relations, ...fn.body.sequences]) add(uses, from, normal(relationKey(oid)));
    for (const oid of fn.body.functions) add(uses, from, `pg_proc:${oid}`);
    for (const oid of fn.body.types) add(uses, from, typeKey(oid) ?? `pg_type:${oid}`);
  }
  return { needs, uses, relations, types, typeKey };
}

/** Everything that `start` leads to, itself left out. Stops at keys for which `stop` says so (they are included). */
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

/** Needs before needers; ties in the order given. What hangs in a circle comes in the order in which it is met. */
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
