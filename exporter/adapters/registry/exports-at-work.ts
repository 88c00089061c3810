import { parseToolId } from '../../../contracts/ids.ts';
import { COMPOSE_FILE, namesOf } from '../../../contracts/naming.ts';
import { lockIsHeldSql } from '../../../registry-api/store/export-lock.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';

const AT_WORK = `SELECT j.tool_id AS "toolId" FROM export_jobs j
  WHERE j.status = 'in_progress' AND j.tool_id <> $1 AND ${lockIsHeldSql('j.tool_id')}`;

/**
 * Removes from the uncommitted files those that running exports of other tools write: they cannot be committed yet.
 * Read git's state first: the job of an export is in progress before its first file is written.
 */
export async function withoutExportsAtWork(
  session: Queryable,
  toolId: string,
  dirty: readonly string[],
): Promise<readonly string[]> {
  if (dirty.length === 0) return dirty;
  const { rows } = await session.query<{ toolId: string }>(AT_WORK, [toolId]);
  const theirs = rows.flatMap((row) => writtenFor(row.toolId));
  return dirty.filter((file) => !theirs.some((own) => file === own || file.startsWith(`${own}/`)));
}

function writtenFor(toolId: string): readonly string[] {
  const names = namesOf(parseToolId(toolId));
  return [names.apiFolder, names.webFolder, names.gatewayFile, names.upstreamFile, COMPOSE_FILE];
}
