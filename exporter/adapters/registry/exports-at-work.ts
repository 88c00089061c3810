import { parseToolId } from '../../../contracts/ids.ts';
import { namesOf } from '../../../contracts/naming.ts';
import { lockIsHeldSql } from '../../../registry-api/store/export-lock.ts';
import type { Queryable } from '../../../registry-api/store/jobs.ts';
import { upstreamFileOf } from '../../generate/infrastructure/gateway-conf.ts';
import { COMPOSE_FILE } from '../../steps/infrastructure/operations/update-compose.ts';

const AT_WORK = `SELECT j.tool_id AS "toolId" FROM export_jobs j
  WHERE j.status = 'in_progress' AND j.tool_id <> $1 AND ${lockIsHeldSql('j.tool_id')}`;

/**
 * The changed files of the tree without those that exports of other tools are writing at this moment: nobody could commit
 * them yet. Ask git first: whatever an export has written by then, its job is already at work.
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
  const id = parseToolId(toolId);
  const names = namesOf(id);
  return [names.apiFolder, names.webFolder, names.gatewayFile, upstreamFileOf(id), COMPOSE_FILE];
}
