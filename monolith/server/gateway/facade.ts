import type { Request, RequestHandler } from 'express';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import {
  createForwarder,
  isRepeatable,
  type AuthorizationFor,
  type ForwarderOptions,
} from '../host/forward.ts';
import type { RouteTable } from './route-table.ts';
import { createRotation } from './instances.ts';

/** Timeout of a service in milliseconds, answered with 504. */
const SERVICE_TIMEOUT_MS = 60_000;

export interface FacadeOptions {
  readonly routes: Pick<RouteTable, 'get'>;
  readonly logger: ToolLogger;
  readonly authorizationFor: AuthorizationFor;
  readonly timeoutMs?: number;
  /** Cookies that a service may set. */
  readonly cookies?: ForwarderOptions['cookies'];
}

/**
 * Forwards requests for exported tools to their services: `<mount>/:toolId/x` becomes `<service>/api/:toolId/x`.
 * The caller's credential is replaced by a token for the service. All other requests go to the next handler. Mount it before any body parser. Instances are used round-robin.
 */
export function createFacade({
  routes,
  logger,
  authorizationFor,
  timeoutMs = SERVICE_TIMEOUT_MS,
  cookies = 'own',
}: FacadeOptions): RequestHandler {
  const rotation = createRotation();
  const forward = createForwarder({
    logger,
    timeoutMs,
    cookies,
    onInstanceFailed: (instance) => {
      rotation.failed(instance);
    },
    onInstanceAnswered: (instance) => {
      rotation.answered(instance);
    },
  });
  return async (req, res, next) => {
    const toolId = toolIdOf(req);
    const route = routes.get(toolId);
    if (route === undefined) {
      next();
      return;
    }
    const authorization = await authorizationFor(req, toolId);
    forward(req, res, {
      toolId,
      headers: { authorization },
      instances: rotation.order(route.instances, { isRepeatable: isRepeatable(req) }),
      // Express has stripped the mount path: req.url is the URL that the router of the tool would see.
      path: `/api/${toolId}${req.url === '/' ? '' : req.url}`,
      onFailure: (late) => ({
        status: late ? 504 : 502,
        code: late ? 'service-timeout' : 'service-unreachable',
        detail: `The service of "${toolId}" does not answer. See it with: npx gulp status --tool-id=${toolId}`,
        retryAfter: 2,
      }),
    });
  };
}

const toolIdOf = (req: Request): string => String(req.params['toolId']);
