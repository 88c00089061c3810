import type { Key } from '../../catalog/catalog.ts';
import { addEdge, relationKey } from '../closure/graph.ts';
import type { CreateStatement } from '../create-statements.ts';
import type { PlanInput } from '../input.ts';
import type { Checks } from './checks.ts';

/** Needs between CREATE statements: those of a table include those of the checks and expressions inside it. */
export function creationNeeds(
  { graph, selection }: PlanInput,
  objects: ReadonlyMap<Key, CreateStatement>,
  checks: Checks,
): ReadonlyMap<Key, ReadonlySet<Key>> {
  const needs = new Map([...graph.needs].map(([key, set]) => [key, new Set(set)]));
  for (const [table, fn] of checks.needs) addEdge(needs, table, fn);
  for (const { key, inlineChecks } of objects.values())
    for (const check of inlineChecks)
      for (const need of graph.needs.get(`pg_constraint:${check.oid}`) ?? []) addEdge(needs, key, need);
  for (const table of selection.tables)
    for (const { generated, expressionOid } of table.columns)
      if (generated !== '' && expressionOid !== null)
        for (const need of graph.needs.get(`pg_attrdef:${expressionOid}`) ?? [])
          if (need.startsWith('pg_proc:')) addEdge(needs, relationKey(table.oid), need);
  return needs;
}
