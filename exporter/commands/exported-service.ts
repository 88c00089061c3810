import type { ClientBase } from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import type { ToolId } from '../../contracts/ids.ts';
import type { Runtime } from '../../contracts/plan.ts';

/** A tool of the registry: where it runs, and how its export deployed it. */
export interface ToolPlace {
  readonly exported: boolean;
  /** `null` in the monolith. */
  readonly runtime: Runtime | null;
}

const PLACE = `
SELECT t.is_exported AS exported, r.deployment ->> 'runtime' AS runtime
  FROM tool_registry t LEFT JOIN tool_routes r USING (tool_id) WHERE t.tool_id = $1`;

/** @throws PlatformError `tool-not-found` */
export async function readToolPlace(client: ClientBase, toolId: ToolId): Promise<ToolPlace> {
  const { rows } = await client.query<ToolPlace>(PLACE, [toolId]);
  const [place] = rows;
  if (place === undefined)
    throw new PlatformError(
      'tool-not-found',
      `No tool "${toolId}" is registered. See all with: npx gulp status`,
    );
  return place;
}
