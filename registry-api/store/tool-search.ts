import type { Page, RegistryTool } from '../../contracts/tool.ts';
import type { Queryable } from './pool.ts';
import { escapeLike, searchQuery } from './search-words.ts';
import { toTool, TOOL_COLUMNS, type ToolRow } from './tool-row.ts';

/** Maximum number of ranked matches: a word that half of all tools contain does not rank them. */
const MAX_RANKED = 1_000;
const MAX_BY_NAME = 100;

/**
 * Best matches first: exact id or name, then a name that begins with the query, then by position and frequency of
 * the words. `total` stops at 1,000 and further matches are left out, except a tool whose id or name equals the
 * query. A query without a word finds nothing.
 */
export async function searchTools(
  db: Queryable,
  request: { readonly q: string; readonly limit: number },
): Promise<Page<RegistryTool>> {
  const query = await searchQuery(db, request.q);
  if (query === null) return { data: [], nextCursor: null, total: 0 };
  const text = request.q.trim();
  const { rows } = await db.query<ToolRow & { total: number }>(
    `WITH named AS MATERIALIZED (
       (SELECT tool_id, name, search FROM tool_registry WHERE tool_id = lower($2))
       UNION ALL
       (SELECT tool_id, name, search FROM tool_registry
         WHERE lower(name) LIKE $3 AND tool_id <> lower($2) AND search @@ $1::tsquery
         ORDER BY lower(name), tool_id LIMIT ${MAX_BY_NAME})),
     matching AS MATERIALIZED (
       SELECT tool_id, name, search FROM tool_registry WHERE search @@ $1::tsquery LIMIT ${MAX_RANKED}),
     found AS (
       SELECT * FROM named UNION ALL
       SELECT * FROM matching WHERE tool_id NOT IN (SELECT tool_id FROM named)),
     best AS (
       SELECT tool_id, least(count(*) OVER (), ${MAX_RANKED})::int AS total,
              row_number() OVER (ORDER BY
                (tool_id = lower($2) OR lower(name) = lower($2)) DESC, starts_with(lower(name), lower($2)) DESC,
                ts_rank_cd(search, $1::tsquery, 1) DESC, lower(name), tool_id) AS place
         FROM found ORDER BY place LIMIT $4)
     SELECT ${TOOL_COLUMNS}, total FROM best JOIN tool_registry USING (tool_id) ORDER BY place`,
    [query, text, `${escapeLike(text.toLowerCase())}%`, request.limit],
  );
  return { data: rows.map(toTool), nextCursor: null, total: rows[0]?.total ?? 0 };
}
