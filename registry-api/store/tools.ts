import { PlatformError } from '../../contracts/errors.ts';
import { RUNNING_STATUSES } from '../../contracts/job.ts';
import type { Manifest } from '../../contracts/manifest.ts';
import type { ExportRecord, RegistryTool } from '../../contracts/tool.ts';
import { checkTransition } from './lifecycle.ts';
import type { Queryable } from './pool.ts';
import { refuseForeignTables } from './table-ownership.ts';
import {
  MANIFEST_COLUMNS,
  manifestValues,
  toStored,
  toTool,
  TOOL_COLUMNS,
  type StoredTool,
  type ToolRow,
} from './tool-row.ts';

const UNIQUE_VIOLATION = '23505';

/** Sets the actor until the end of the transaction; the trigger of the history reads it. */
export async function actAs(client: Queryable, actor: string): Promise<void> {
  await client.query(`SELECT set_config('platform.actor', $1, true)`, [actor]);
}

/** @throws PlatformError `tool-not-found`. */
export async function getTool(db: Queryable, toolId: string): Promise<StoredTool> {
  const { rows } = await db.query<ToolRow>(`SELECT ${TOOL_COLUMNS} FROM tool_registry WHERE tool_id = $1`, [
    toolId,
  ]);
  if (rows[0] === undefined) throw notFound(toolId);
  return toStored(rows[0]);
}

/**
 * Registers a tool. Call it in a transaction after {@link actAs}.
 *
 * @throws PlatformError `tool-exists`: a tool with this id or route exists; `manifest-invalid`: the manifest declares a
 * table of another owner.
 */
export async function insertTool(client: Queryable, manifest: Manifest): Promise<StoredTool> {
  await refuseForeignTables(client, manifest);
  const values = MANIFEST_COLUMNS.map((_, i) => `$${i + 1}`).join(', ');
  try {
    const { rows } = await client.query<ToolRow>(
      `INSERT INTO tool_registry (${MANIFEST_COLUMNS.join(', ')}) VALUES (${values}) RETURNING ${TOOL_COLUMNS}`,
      [...manifestValues(manifest)],
    );
    return toStored(rows[0] as ToolRow);
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    throw new PlatformError(
      'tool-exists',
      `A tool "${manifest.id}" (route ${manifest.route}) already exists. ` +
        `Update it with PUT /api/tools/${manifest.id}, or choose another id.`,
      { cause: error },
    );
  }
}

/** Whether `If-Match` allows a change of this revision. */
export type Precondition = (revision: number) => boolean;

/**
 * Replaces the manifest; fields set by an export are kept. Locks the row first, so exactly one of several writers
 * with the same `If-Match` succeeds. An identical manifest creates no new revision.
 *
 * @throws PlatformError `tool-not-found`, `version-conflict`, `lifecycle-invalid`, or `manifest-invalid` when the
 * manifest declares a table of another owner.
 */
export async function updateTool(
  client: Queryable,
  manifest: Manifest,
  mayChange: Precondition,
): Promise<StoredTool & { readonly before: RegistryTool }> {
  const row = await lockTool(client, manifest.id, mayChange);
  const before = toTool(row);
  checkTransition(before, manifest.status);
  if (!differs(before, manifest)) return { ...toStored(row), before };
  await refuseForeignTables(client, manifest);
  const sets = MANIFEST_COLUMNS.slice(1).map((column, i) => `${column} = $${i + 2}`);
  const { rows } = await client.query<ToolRow>(
    `UPDATE tool_registry SET ${sets.join(', ')} WHERE tool_id = $1 RETURNING ${TOOL_COLUMNS}`,
    [...manifestValues(manifest)],
  );
  return { ...toStored(rows[0] as ToolRow), before };
}

/**
 * Deletes a tool; its history is kept.
 *
 * @throws PlatformError `tool-not-found`, `version-conflict`, or `tool-in-use` while the tool is exported or has
 * a running job.
 */
export async function deleteTool(client: Queryable, toolId: string, mayChange: Precondition): Promise<void> {
  const row = await lockTool(client, toolId, mayChange);
  if (row.is_exported)
    throw new PlatformError(
      'tool-in-use',
      `"${toolId}" is exported to ${row.service_url ?? 'a service'}. Roll the export back first: npx gulp rollback --tool-id=${toolId}`,
    );
  const jobs = await client.query<{ id: string }>(
    'SELECT id FROM export_jobs WHERE tool_id = $1 AND status = ANY ($2) LIMIT 1',
    [toolId, RUNNING_STATUSES],
  );
  if (jobs.rows[0] !== undefined)
    throw new PlatformError(
      'tool-in-use',
      `Job ${jobs.rows[0].id} of "${toolId}" is running. Wait for it, or cancel it: POST /api/tools/export/jobs/${jobs.rows[0].id}/cancel`,
    );
  await client.query('DELETE FROM tool_registry WHERE tool_id = $1', [toolId]);
}

/**
 * Records that a tool is exported (`record`) or back in the monolith (`null`). A single statement, so it works
 * with or without a transaction; safe to call twice. Writes history and notifies `tool_changed`.
 *
 * @throws PlatformError `tool-not-found`.
 */
export async function setExported(
  client: Queryable,
  toolId: string,
  record: ExportRecord | null,
  actor: string,
): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `WITH acting AS MATERIALIZED (SELECT set_config('platform.actor', $1, true)),
     changed AS (
       UPDATE tool_registry SET is_exported = $3, exported_at = CASE WHEN $3 THEN coalesce(exported_at, now()) END,
              service_url = $4, gateway_url = $5, web_url = $6, database_name = $7
         FROM acting
        WHERE tool_id = $2
          AND (is_exported, service_url, gateway_url, web_url, database_name) IS DISTINCT FROM ($3, $4, $5, $6, $7))
     SELECT EXISTS (SELECT 1 FROM tool_registry WHERE tool_id = $2) AS found`,
    [
      actor,
      toolId,
      record !== null,
      record?.serviceUrl ?? null,
      record?.gatewayUrl ?? null,
      record?.webUrl ?? null,
      record?.databaseName ?? null,
    ],
  );
  if (rows[0]?.found !== true) throw notFound(toolId);
}

/** Tools that list `toolId` under `dependencies`, by id. */
export async function dependantsOf(db: Queryable, toolId: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ tool_id: string }>(
    'SELECT tool_id FROM tool_registry WHERE dependencies @> ARRAY[$1::text] ORDER BY tool_id',
    [toolId],
  );
  return rows.map((row) => row.tool_id);
}

async function lockTool(client: Queryable, toolId: string, mayChange: Precondition): Promise<ToolRow> {
  const { rows } = await client.query<ToolRow>(
    `SELECT ${TOOL_COLUMNS} FROM tool_registry WHERE tool_id = $1 FOR UPDATE`,
    [toolId],
  );
  const row = rows[0];
  if (row === undefined) throw notFound(toolId);
  if (!mayChange(row.revision))
    throw new PlatformError(
      'version-conflict',
      `"${toolId}" has changed since you read it (its current ETag is "${row.revision}"). Read it again and repeat the change.`,
    );
  return row;
}

function differs(tool: RegistryTool, manifest: Manifest): boolean {
  const { id, ...rest } = manifest;
  const wanted: Record<string, unknown> = { toolId: id, ...rest };
  const current = tool as unknown as Record<string, unknown>;
  return Object.keys(wanted).some((key) => canonical(wanted[key]) !== canonical(current[key]));
}

/** Sorts keys, because jsonb does not keep their order: equal values must give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function notFound(toolId: string): PlatformError {
  return new PlatformError(
    'tool-not-found',
    `Tool "${toolId}" does not exist. List all tools with GET /api/tools.`,
  );
}
