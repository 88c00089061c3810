import { Router } from 'express';
import { deploymentRoutes } from './deployments.ts';
import { navigationRoutes } from './navigation.ts';
import { previewRoutes, type PreviewOptions } from './preview.ts';
import { scaffoldRoutes, type ScaffoldOptions } from './scaffold.ts';
import { toolStateRoutes, type ToolStates } from './tool-states.ts';

/**
 * Routes of the dashboard beyond the registry. Mount it after the registry, which identifies the caller; errors
 * go to the error handler of the platform.
 */
export function dashboardApi(options: ToolStates & ScaffoldOptions & PreviewOptions): Router {
  const router = Router();
  router.use(scaffoldRoutes(options));
  router.use(previewRoutes(options));
  router.use(navigationRoutes(options));
  router.use(deploymentRoutes(options));
  router.use(toolStateRoutes(options));
  return router;
}
