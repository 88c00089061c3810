import { Router } from 'express';
import type { Pool } from 'pg';
import type { ToolDeployment } from '../../../contracts/tool.ts';
import { requireReadAccess } from '../../../registry-api/auth/authenticate.ts';

/**
 * `GET /api/registry/deployments/:toolId`: the deployment of an exported tool. `null` for a tool in the monolith;
 * fields are missing if the export is older than their recording.
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
