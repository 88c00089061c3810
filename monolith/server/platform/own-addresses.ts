import { JWKS_PATH } from '../../../contracts/tokens.ts';
import { isDashboardAddress } from '../dashboard/web/serve.ts';
import type { RouteTable } from '../gateway/route-table.ts';
import { findTool } from '../host/read-tools.ts';

export interface OwnAddressesOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly routes: Pick<RouteTable, 'get'>;
  /** Folder of the dashboard's builds; `null` without a dashboard. */
  readonly webDir: string | null;
  /** Whether users sign in at the platform. */
  readonly signsIn: boolean;
}

/** Whether a request is for the platform. `path` is without its query. */
export type OwnAddresses = (method: string | undefined, path: string) => boolean | Promise<boolean>;

/** First words behind `/api/`; no tool may have them as its id. */
const API = /^\/api\/(?:tools|webhooks|registry|session|scaffold|preview)(?:\/|$)/;
const TOOL = /^\/api\/([^/]+)(?:\/|$)/;
const SIGN_IN = /^\/auth\/(?:sign-in|callback)$/;

/**
 * The addresses of the platform beside those of an application: its own API, tools by their id, the dashboard. Names that
 * many applications have, such as `/health`, are left to the application.
 */
export function createOwnAddresses({ root, routes, webDir, signsIn }: OwnAddressesOptions): OwnAddresses {
  return (method, path) => {
    if (API.test(path) || path === JWKS_PATH) return true;
    const toolId = TOOL.exec(path)?.[1];
    if (toolId !== undefined) return routes.get(toolId) !== undefined || findTool(root, toolId) !== null;
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (signsIn && SIGN_IN.test(path)) return true;
    if (webDir === null) return false;
    return (signsIn && path === '/sign-in') || isDashboardAddress(webDir, path);
  };
}
