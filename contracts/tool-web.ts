import { InjectionToken } from '@angular/core';

/** What a tool's frontend may ask of whoever hosts it: the platform's shell, or its own exported web app. */
export interface ToolWebContext {
  readonly toolId: string;
  /** Where the tool's API answers, without a trailing slash. */
  readonly apiBase: string;
}

/**
 * Provided by the host on the tool's routes. `frontend/tool.routes.ts` of a tool exports `toolRoutes: Routes`,
 * which the host mounts; services inside ask for this token instead of knowing an address.
 */
export const TOOL_WEB_CONTEXT = new InjectionToken<ToolWebContext>('TOOL_WEB_CONTEXT');
