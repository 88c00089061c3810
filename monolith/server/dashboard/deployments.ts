import { Router } from 'express';
import type { Pool } from 'pg';
import type { ToolDeployment } from '../../../contracts/tool.ts';
import { requireReadAccess } from '../../../registry-api/auth/authenticate.ts';

/**
 * `GET /api/registry/deployments/:toolId`: how an exported tool runs. `null` for a tool of the monolith; fields are
 * missing where the tool left before they were recorded.
 */
export function deploymentRoutes({ pool }: { readonly pool: Pool }): Router {
  const router = Router();
  router.get('/api/registry/deployments/:toolId', requireReadAccess(), async (request, response) => {
    const { rows } = await pool.query<{ deployment: Partial<ToolDeployment> }>(
      'SELECT deployment FROM tool_routes WHERE tool_id = $1',
      [request.params.toolId],
    );
    response.set('Cache-Control', 'no-cache').json(rows[0]?.deployment ?? null);
  });
  return router;
}
