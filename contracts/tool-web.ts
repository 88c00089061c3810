import { InjectionToken } from '@angular/core';

/**
 * Everything that the host provides to the frontend of a tool: the shell of the platform, or its exported web
 * app.
 */
export interface ToolWebContext {
  readonly toolId: string;
  /** Base URL of the tool’s API, without a trailing slash. */
  readonly apiBase: string;
}

/**
 * Provided by the host on the routes of the tool. `frontend/tool.routes.ts` of a tool exports `toolRoutes:
 * Routes`, which the host mounts; services inject this token instead of knowing an address.
 */
export const TOOL_WEB_CONTEXT = new InjectionToken<ToolWebContext>('TOOL_WEB_CONTEXT');
