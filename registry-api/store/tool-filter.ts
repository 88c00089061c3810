import type { ToolStatus } from '../../contracts/manifest.ts';
import type { Queryable } from './pool.ts';
import { searchQuery } from './search-words.ts';

export interface ToolFilter {
  readonly status?: readonly ToolStatus[];
  readonly exported?: boolean;
  readonly owner?: string;
  /** Words of the name, the id or the description; tolerates typos. */
  readonly q?: string;
  /** Tools that depend on this tool. */
  readonly dependsOn?: string;
}

/** The tools that pass a filter, as SQL. */
export interface Matching {
  /** A condition on `tool_registry`. */
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Filters only by owner, status and export, so that `tool_registry_counts` has the total. */
  readonly byKind: boolean;
}

/** Compiles a filter to SQL. `null`: it cannot match. */
export async function matching(db: Queryable, filter: ToolFilter): Promise<Matching | null> {
  const parts: string[] = ['true'];
  const values: unknown[] = [];
  const add = (value: unknown, sql: (parameter: string) => string): void => {
    values.push(value);
    parts.push(sql(`$${values.length}`));
  };
  const { status, exported, owner, q = '', dependsOn } = filter;
  if (status?.length === 1) add(status[0], (p) => `status = ${p}`);
  else if (status !== undefined) add(status, (p) => `status = ANY (${p}::text[])`);
  if (exported !== undefined) parts.push(exported ? 'is_exported' : 'NOT is_exported');
  if (owner !== undefined) add(owner, (p) => `owner = ${p}`);
  const byKind = dependsOn === undefined && q.trim() === '';
  if (dependsOn !== undefined) add([dependsOn], (p) => `dependencies @> ${p}::text[]`);
  if (q.trim() !== '') {
    const query = await searchQuery(db, q);
    if (query === null) return null;
    add(query, (p) => `search @@ ${p}::tsquery`);
  }
  return { sql: parts.join(' AND '), values, byKind };
}
