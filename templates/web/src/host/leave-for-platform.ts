import { inject } from '@angular/core';
import { Router, type CanActivateFn } from '@angular/router';
import { RUNTIME_CONFIG } from './runtime-config';

/**
 * Guard of every address outside the tool: the browser loads it from the platform. On the first navigation
 * the server has chosen this page for an address that is not ours, so that loading it again would never end;
 * then the tool's own first page is shown.
 */
export function leaveForPlatform(toolRoute: string): CanActivateFn {
  return (_route, state) => {
    const router = inject(Router);
    if (!router.navigated) return router.parseUrl(toolRoute);
    window.location.assign(inject(RUNTIME_CONFIG).platformUrl + state.url);
    return false;
  };
}
