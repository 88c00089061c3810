import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Key } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { reach, type Graph } from './graph.ts';

/**
 * Operators that bodies of `reached` functions may mean, and all that they need. An operator over somebody's own types
 * counts when these come along: a body cannot have values of others. Repeats itself for the bodies of what it finds.
 */
export function operatorsOfBodies(
  catalog: Catalog,
  graph: Graph,
  reached: ReadonlySet<Key>,
  rules: {
    readonly stop: (key: Key) => boolean;
    /** True for a table that stays behind. */
    readonly outside: (key: Key) => boolean;
  },
): { readonly keys: ReadonlySet<Key>; readonly findings: readonly Finding[] } {
  const keys = new Set<Key>();
  const findings: Finding[] = [];
  const settled = new Set<Key>();
  const there = (key: Key): boolean => reached.has(key) || keys.has(key);
  for (let before = -1; before !== keys.size;) {
    before = keys.size;
    for (const fn of catalog.functions) {
      if (!there(`pg_proc:${fn.oid}`) || catalog.members[`pg_proc:${fn.oid}`] !== undefined) continue;
      for (const { oid, types } of fn.body.operators) {
        const key: Key = `pg_operator:${oid}`;
        if (settled.has(key) || there(key)) continue;
        if (!types.every((type) => there(graph.typeKey(type) ?? `pg_type:${type}`))) continue;
        settled.add(key);
        const along = reach(graph.uses, [key], rules.stop);
        const table = [...along].find(rules.outside);
        if (table === undefined) for (const need of [key, ...along]) keys.add(need);
        else
          findings.push(
            finding({
              severity: 'warning',
              code: 'operator-left',
              object: fn.identity,
              message: `${fn.identity} may use the operator ${nameOf(catalog, key)}, which needs ${graph.relations.get(table.slice(9))?.name ?? table}, a table that stays: it is not created in the target`,
              remedy: 'Create it there by hand, if the function needs it.',
            }),
          );
      }
    }
  }
  return { keys, findings };
}

const nameOf = (catalog: Catalog, key: Key): string =>
  catalog.plain.find((item) => `${item.catalog}:${item.oid}` === key)?.name ?? key;
