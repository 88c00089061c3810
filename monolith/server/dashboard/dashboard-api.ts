import { Router } from 'express';
import type { Pool } from 'pg';
import { deploymentRoutes } from './deployments.ts';
import { navigationRoutes } from './navigation.ts';
import { previewRoutes } from './preview.ts';
import { scaffoldRoutes } from './scaffold.ts';

/**
 * What the dashboard asks of the platform beyond the registry. Mount it after the registry, which finds out who is
 * calling; errors go to the platform's own error handler.
 */
export function dashboardApi(options: { readonly root: string; readonly pool: Pool }): Router {
  const router = Router();
  router.use(scaffoldRoutes(options));
  router.use(previewRoutes(options));
  router.use(navigationRoutes(options));
  router.use(deploymentRoutes(options));
  return router;
}
