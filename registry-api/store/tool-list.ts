import type { Page, RegistryTool } from '../../contracts/tool.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Queryable } from './pool.ts';
import type { Matching } from './tool-filter.ts';
import { toTool, TOOL_COLUMNS, type ToolRow } from './tool-row.ts';

/** Sort orders of a list; a leading `-` reverses the order. */
export const TOOL_SORTS = [
  'name',
  '-name',
  'toolId',
  '-toolId',
  'status',
  '-status',
  'createdAt',
  '-createdAt',
  'updatedAt',
  '-updatedAt',
] as const;
export type ToolSort = (typeof TOOL_SORTS)[number];

export interface PageRequest {
  readonly sort: ToolSort;
  readonly limit: number;
  readonly cursor?: string;
}

/** SQL of the sort value, and the type that a cursor value is cast to. */
const SORT_KEYS = {
  name: { sql: 'lower(name)', type: 'text' },
  toolId: { sql: 'tool_id', type: 'text' },
  status: { sql: 'status', type: 'text' },
  createdAt: { sql: 'created_at', type: 'timestamptz' },
  updatedAt: { sql: 'updated_at', type: 'timestamptz' },
} as const;

/**
 * Returns one page by keyset pagination: the cursor holds the sort value and id of the last row returned, so
 * concurrent changes neither repeat nor skip another row.
 *
 * @throws PlatformError `bad-request` for a cursor of another list.
 */
export async function listTools(
  db: Queryable,
  where: Matching,
  request: PageRequest,
): Promise<Omit<Page<RegistryTool>, 'total'>> {
  const values = [...where.values];
  const descending = request.sort.startsWith('-');
  const name = request.sort.replace('-', '') as keyof typeof SORT_KEYS;
  const key = SORT_KEYS[name];
  let page = '';
  if (request.cursor !== undefined) {
    const [value, toolId] = readCursor(request.cursor, request.sort, key.type);
    values.push(value, toolId);
    page = `AND (${key.sql}, tool_id) ${descending ? '<' : '>'} ($${values.length - 1}::${key.type}, $${values.length})`;
  }
  values.push(request.limit + 1);
  const direction = descending ? 'DESC' : 'ASC';
  const { rows } = await db.query<ToolRow & { sort_key: string }>(
    `SELECT ${TOOL_COLUMNS}, (${key.sql})::text AS sort_key FROM tool_registry WHERE ${where.sql} ${page}
      ORDER BY ${key.sql} ${direction}, tool_id ${direction} LIMIT $${values.length}`,
    values,
  );
  const shown = rows.slice(0, request.limit);
  const last = rows.length > request.limit ? shown.at(-1) : undefined;
  return {
    data: shown.map(toTool),
    nextCursor: last === undefined ? null : writeCursor(request.sort, last.sort_key, last.tool_id),
  };
}
