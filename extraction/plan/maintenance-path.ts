import pg from 'pg';
import type { Finding } from '../../contracts/plan.ts';
import type { FunctionObject, Key } from '../catalog/catalog.ts';
import { reach, relationKey } from './closure/graph.ts';
import { finding } from './findings.ts';
import type { PlanInput } from './input.ts';

const SAFE_PATH = 170_000;

/**
 * From PostgreSQL 17 on, CREATE INDEX, ANALYZE and REFRESH run with an empty search path, whatever the session says.
 * A function of an older source that relies on the path would fail there: it is given the source's path as its own,
 * as the release notes of 17 advise.
 */
export function functionsWithoutPath(parts: PlanInput): readonly FunctionObject[] {
  const { catalog, graph, kept, boundary, target } = parts;
  if (target.version < SAFE_PATH || catalog.server.version >= SAFE_PATH || pathOf(parts).length === 0)
    return [];
  const roots: Key[] = [
    ...kept.indexes.map((index) => relationKey(index.oid)),
    ...kept.statistics.map((item): Key => `pg_statistic_ext:${item.oid}`),
    ...boundary.views.filter((view) => view.kind === 'm').map((view) => relationKey(view.oid)),
  ];
  const reached = reach(graph.uses, roots, () => false);
  return catalog.functions.filter(
    (fn) =>
      fn.body.reliesOnPath &&
      fn.path === null &&
      parts.included.has(`pg_proc:${fn.oid}`) &&
      reached.has(`pg_proc:${fn.oid}`),
  );
}

/** Quoted. */
export const pathOf = ({ catalog }: Pick<PlanInput, 'catalog'>): string[] =>
  catalog.server.searchPath.map((schema) => pg.escapeIdentifier(schema));

export const maintenanceFindings = (parts: PlanInput): readonly Finding[] =>
  functionsWithoutPath(parts).map((fn) =>
    finding({
      severity: 'warning',
      code: 'function-path-set',
      object: fn.identity,
      message: `${fn.identity} names things without their schema, and an index or a materialized view runs it: PostgreSQL 17 and later do that with an empty search path, so the function gets SET search_path = ${pathOf(parts).join(', ')} in the target`,
      remedy: 'Qualify the names in its body to do without.',
    }),
  );
