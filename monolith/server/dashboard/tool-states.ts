import { Router } from 'express';
import { requireReadAccess } from '../../../registry-api/auth/authenticate.ts';

/** Whether a tool runs in the monolith. */
export interface ToolStateRow {
  readonly id: string;
  /** Why the tool is not served; `null` when it is, or when no request has needed it yet. */
  readonly problem: string | null;
}

/** `GET /api/registry/tool-states`: the tools in the monolith, and why those that do not run do not. */
export function toolStateRoutes({ states }: { readonly states: () => readonly ToolStateRow[] }): Router {
  const router = Router();
  router.get('/api/registry/tool-states', requireReadAccess(), (_request, response) => {
    response.set('Cache-Control', 'no-cache').json({ data: states() });
  });
  return router;
}
