import type { Queryable } from '../../../registry-api/store/pool.ts';
import { setExported } from '../../../registry-api/store/tools.ts';
import type { RegistryPort } from '../../core/ports.ts';

/** The registry, changed over the connection that holds the tool's lock. */
export function createRegistryPort(session: Queryable, actor: string): RegistryPort {
  return {
    async setRoute(toolId, route) {
      if (route === null) await session.query('DELETE FROM tool_routes WHERE tool_id = $1', [toolId]);
      else
        await session.query(
          `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment) VALUES ($1, $2, $3, $4)
           ON CONFLICT (tool_id) DO UPDATE
             SET service_url = $2, web_root = $3, deployment = $4, switched_at = now()`,
          [toolId, route.serviceUrl, route.webRoot, JSON.stringify(route.deployment ?? {})],
        );
    },
    async setExported(toolId, record) {
      await setExported(session, toolId, record, actor);
    },
  };
}
