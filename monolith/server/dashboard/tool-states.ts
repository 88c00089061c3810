import { Router } from 'express';
import type { ReturnStreams } from '../../../registry-api/store/return-streams.ts';
import type { ServiceState, ToolState } from '../../../contracts/tool-state.ts';
import { requireReadAccess } from '../../../registry-api/auth/authenticate.ts';

export interface ToolStates {
  readonly states: () => readonly ToolState[];
  /** Starts one tool if it does not run. */
  readonly start: (toolId: string) => Promise<readonly ToolState[]>;
  readonly serviceStates: () => Promise<readonly ServiceState[]>;
  readonly returnStreams: ReturnStreams;
}

/**
 * `GET /api/registry/tool-states`: the tools in the monolith, and why those that do not run do not.
 * `GET /api/registry/tool-states/:toolId`: the same of one tool, which is started for it.
 * `GET /api/registry/service-states`: the services of the exported tools.
 * `GET /api/registry/return-streams`: how the monolith follows the services of tools that were exported live.
 */
export function toolStateRoutes({ states, start, serviceStates, returnStreams }: ToolStates): Router {
  const router = Router();
  router.get('/api/registry/tool-states', requireReadAccess(), (_request, response) => {
    response.set('Cache-Control', 'no-cache').json({ data: states() });
  });
  router.get('/api/registry/tool-states/:toolId', requireReadAccess(), async (request, response) => {
    const id = String(request.params['toolId']);
    const found = (await start(id)).find((state) => state.id === id);
    response
      .set('Cache-Control', 'no-cache')
      .json(found ?? ({ id, state: 'stopped', problem: null, retryAfter: null } satisfies ToolState));
  });
  router.get('/api/registry/service-states', requireReadAccess(), async (_request, response) => {
    response.set('Cache-Control', 'no-cache').json({ data: await serviceStates() });
  });
  router.get('/api/registry/return-streams', requireReadAccess(), async (_request, response) => {
    response.set('Cache-Control', 'no-cache').json({ data: await returnStreams.read() });
  });
  return router;
}
