import type { Queryable } from './pool.ts';
import type { Matching } from './tool-filter.ts';

/** Matching tools by status, export state and owner (the 50 most frequent). */
export interface Facets {
  readonly status: Readonly<Record<string, number>>;
  readonly exported: { readonly true: number; readonly false: number };
  readonly owner: Readonly<Record<string, number>>;
}

export const NO_FACETS: Facets = { status: {}, exported: { true: 0, false: 0 }, owner: {} };

const MAX_OWNERS = 50;

/** How many tools match. */
export async function count(db: Queryable, where: Matching): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `SELECT coalesce(sum(tools), 0)::int AS n FROM (${kinds(where)}) AS kinds`,
    [...where.values],
  );
  return rows[0]?.n ?? 0;
}

export async function facetsOf(db: Queryable, where: Matching): Promise<Facets> {
  const { rows } = await db.query<{
    status: string | null;
    exported: boolean | null;
    owner: string | null;
    n: number;
  }>(
    // grouped by kind first, so that each tool is read only once
    `SELECT status, is_exported AS exported, owner, sum(tools)::int AS n FROM (${kinds(where)}) AS kinds
      GROUP BY GROUPING SETS ((status), (is_exported), (owner)) HAVING sum(tools) > 0 ORDER BY n DESC, owner, status`,
    [...where.values],
  );
  const by = (name: 'status' | 'owner', most: number): Record<string, number> =>
    Object.fromEntries(
      rows.flatMap((row) => (row[name] === null ? [] : [[row[name], row.n] as const])).slice(0, most),
    );
  const exported = (value: boolean): number => rows.find((row) => row.exported === value)?.n ?? 0;
  return {
    status: by('status', 4),
    exported: { true: exported(true), false: exported(false) },
    owner: by('owner', MAX_OWNERS),
  };
}

/** Number of tools by owner, status and export: from the maintained counts if they suffice, else counted. */
const kinds = ({ sql, byKind }: Matching): string =>
  byKind
    ? `SELECT owner, status, is_exported, sum(tools) AS tools FROM tool_registry_counts WHERE ${sql}
        GROUP BY owner, status, is_exported`
    : `SELECT owner, status, is_exported, count(*) AS tools FROM tool_registry WHERE ${sql}
        GROUP BY owner, status, is_exported`;

/**
 * Merges the count deltas of each kind of tool. A row that two calls merge at once counts only for the call that
 * deletes it; rows inserted during a call wait for the next one.
 */
export async function mergeCounts(db: Queryable): Promise<void> {
  await db.query(
    `WITH crowded AS (
       SELECT owner, status, is_exported FROM tool_registry_counts
        GROUP BY owner, status, is_exported HAVING count(*) > 1),
     taken AS (
       DELETE FROM tool_registry_counts c USING crowded k
        WHERE (c.owner, c.status, c.is_exported) = (k.owner, k.status, k.is_exported)
       RETURNING c.owner, c.status, c.is_exported, c.tools)
     INSERT INTO tool_registry_counts (owner, status, is_exported, tools)
     SELECT owner, status, is_exported, sum(tools) FROM taken
      GROUP BY owner, status, is_exported HAVING sum(tools) <> 0`,
  );
}
