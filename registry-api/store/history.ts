import type { Page, RegistryTool } from '../../contracts/tool.ts';
import { badCursor } from './cursor.ts';
import type { Queryable } from './pool.ts';

/** One change of a tool. `before` is `null` for its registration, `after` for its removal. */
export interface HistoryEntry {
  readonly id: string;
  readonly action: 'registered' | 'updated' | 'exported' | 'returned' | 'removed';
  readonly actor: string;
  readonly at: string;
  readonly before: RegistryTool | null;
  readonly after: RegistryTool | null;
}

export interface HistoryRequest {
  readonly toolId: string;
  readonly limit: number;
  /** Id of the last entry returned. */
  readonly cursor?: string;
}

/** Newest first, also for a deleted tool. `null`: no such tool ever existed. */
export async function listHistory(
  db: Queryable,
  request: HistoryRequest,
): Promise<Page<HistoryEntry> | null> {
  const { toolId, limit, cursor } = request;
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw badCursor();
  const { rows } = await db.query<Omit<HistoryEntry, 'at'> & { at: Date; total: number }>(
    `SELECT id::text, action, actor, at, before, after,
            (SELECT count(*)::int FROM tool_history WHERE tool_id = $1) AS total
       FROM tool_history WHERE tool_id = $1 AND ($2::bigint IS NULL OR id < $2)
      -- the column: without its table, id would be the text of the answer
      ORDER BY tool_history.id DESC LIMIT $3`,
    [toolId, cursor ?? null, limit + 1],
  );
  if (rows.length === 0 && cursor === undefined) return null;
  const data = rows.slice(0, limit).map(({ id, action, actor, at, before, after }) => ({
    id,
    action,
    actor,
    at: at.toISOString(),
    before,
    after,
  }));
  return {
    data,
    nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null,
    total: rows[0]?.total ?? 0,
  };
}
