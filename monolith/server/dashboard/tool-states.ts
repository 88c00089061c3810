import { Router } from 'express';
import { requireReadAccess } from '../../../registry-api/auth/authenticate.ts';

/** Whether a tool runs in the monolith. */
export interface ToolStateRow {
  readonly id: string;
  /** Why the tool is not served; `null` when it is, or when no request has needed it yet. */
  readonly problem: string | null;
}

export interface ToolStates {
  readonly states: () => readonly ToolStateRow[];
  /** Starts one tool if it does not run. */
  readonly start: (toolId: string) => Promise<readonly ToolStateRow[]>;
}

/**
 * `GET /api/registry/tool-states`: the tools in the monolith, and why those that do not run do not.
 * `GET /api/registry/tool-states/:toolId`: the same of one tool, which is started for it.
 */
export function toolStateRoutes({ states, start }: ToolStates): Router {
  const router = Router();
  router.get('/api/registry/tool-states', requireReadAccess(), (_request, response) => {
    response.set('Cache-Control', 'no-cache').json({ data: states() });
  });
  router.get('/api/registry/tool-states/:toolId', requireReadAccess(), async (request, response) => {
    const id = String(request.params['toolId']);
    const found = (await start(id)).find((state) => state.id === id);
    response.set('Cache-Control', 'no-cache').json(found ?? { id, problem: null });
  });
  return router;
}
