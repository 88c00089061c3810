import { inject } from '@angular/core';
import { Router, type CanActivateFn, type CanMatchFn, type Route, type UrlSegment } from '@angular/router';
import { firstValueFrom } from 'rxjs';
import { TOOL_LOADERS } from '#generated/tool-loaders';
import { TOOL_WEB_CONTEXT, type ToolWebContext } from '#contracts/tool-web';
import type { RegistryTool } from '#contracts/tool';
import { Session, permissionsToOpen } from '../core/session';
import { ToolsApi } from '../core/tools-api';

/**
 * Matches what is no known route of a tool yet. When the registry knows the tool and this build has its user
 * interface, its route is added and the navigation starts over; otherwise the gate page says what is the matter.
 */
export const registerTool: CanMatchFn = async (_route, segments: UrlSegment[]) => {
  const router = inject(Router);
  const api = inject(ToolsApi);
  const toolId = segments[1]?.path;
  if (toolId === undefined || TOOL_LOADERS[toolId] === undefined) return true;
  if (router.config.some((route) => route.path === `tools/${toolId}`)) return true;

  const tool = await firstValueFrom(api.tool(toolId)).catch(() => null);
  if (tool === null || tool.isExported) return true;
  router.resetConfig(withToolRoute(router.config, tool));
  return router.parseUrl(router.currentNavigation()?.extractedUrl.toString() ?? `/tools/${toolId}`);
};

/** May the reader open the tool? Says no by going to a page that tells which permission is missing. */
const toolGuard: CanActivateFn = async (route) => {
  const { toolId, permissions } = route.data as { toolId: string; permissions: readonly string[] };
  const [session, router] = [inject(Session), inject(Router)];
  if (session.mayOpen(permissions)) return true;
  await session.load(); // rights may have come since the page was loaded
  if (session.mayOpen(permissions)) return true;
  if (session.principal() === null && session.info().signIn !== 'none')
    return router.createUrlTree(['/sign-in'], { queryParams: { to: `/tools/${toolId}` } });
  const needs = permissionsToOpen(permissions).join(' ');
  return router.createUrlTree(['/forbidden'], { queryParams: { tool: toolId, needs } });
};

/** The shell's routes with one more, in front of the catch-all for tools. */
function withToolRoute(config: readonly Route[], tool: RegistryTool): Route[] {
  const gate = config.findIndex((route) => route.path === 'tools/:toolId' && route.canMatch !== undefined);
  return [...config.slice(0, gate), toolRoute(tool), ...config.slice(gate)];
}

/** The route of a tool, as the registry describes it. */
function toolRoute(tool: RegistryTool): Route {
  const context: ToolWebContext = { toolId: tool.toolId, apiBase: tool.apiBase };
  return {
    path: tool.route.slice(1),
    title: tool.name,
    canActivate: [toolGuard],
    data: { toolId: tool.toolId, permissions: tool.permissions, tool },
    providers: [{ provide: TOOL_WEB_CONTEXT, useValue: context }],
    loadComponent: () => import('./tool-frame.component').then((m) => m.ToolFrameComponent),
    loadChildren: async () => {
      const load = TOOL_LOADERS[tool.toolId];
      if (load === undefined) throw new Error(`This build holds no user interface of ${tool.toolId}`);
      return (await load()).toolRoutes;
    },
  };
}
