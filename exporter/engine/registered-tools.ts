import { toolHint } from '../../contracts/tool-hint.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';

/**
 * What to do about a tool that the registry does not have: the registered id that was probably meant, or those that
 * exist. `null` for a registered tool.
 */
export async function unregisteredHint(client: Queryable, toolId: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>('SELECT tool_id AS id FROM tool_registry');
  const tools = rows.map(({ id }) => id);
  return tools.includes(toolId) ? null : toolHint(toolId, tools);
}
