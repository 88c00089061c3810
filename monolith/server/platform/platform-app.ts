import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { safeUrl } from '../../../contracts/host/safe-url.ts';
import type { Limiters } from '../../../registry-api/http/limits.ts';
import { createFacade } from '../gateway/facade.ts';
import type { Holds } from '../gateway/holds.ts';
import type { Shadows } from '../gateway/shadows.ts';
import { guardRequests } from '../../../contracts/host/guard-requests.ts';
import { requestIdOf } from '../../../contracts/host/request-id.ts';
import type { ForwarderOptions } from '../host/forward.ts';
import { requestId } from '../host/request-id.ts';
import type { RouteTable } from '../gateway/route-table.ts';
import { hideFromTools, withoutPlatformCookies, type CookieFilter } from '../session/cookies.ts';
import { authorizationOf, type Credentials } from '../session/credentials.ts';
import { answerNotFound, answerToolErrors } from '../host/tool-errors.ts';
import type { HostApplication } from './host-application.ts';

export interface PlatformParts {
  /** Identifies users of the dashboard by their cookies, before other callers are identified. */
  readonly sessions: { readonly attach: RequestHandler; readonly routes: RequestHandler };
  /** Routes of the registry; identifies the caller, and passes other addresses on. */
  readonly registry: RequestHandler;
  /** `GET /api/session/token`. */
  readonly tokenRoutes: RequestHandler;
  readonly credentials: Credentials;
  readonly routes: RouteTable;
  /** Requests that wait while the writes of their tool are switched to another side. */
  readonly holds: Pick<Holds, 'handler'>;
  /** Requests whose answers are compared with those of the service before it serves. */
  readonly shadows: Pick<Shadows, 'handler'>;
  readonly tools: RequestHandler;
  /** Pages of the dashboard. */
  readonly web: RequestHandler;
  /** Limits of callers for everything behind the registry, which has its own. */
  readonly limiters: Pick<Limiters, 'refusals' | 'tools'>;
  /** Addresses and ranges of proxies beyond this machine whose forwarded headers count. */
  readonly trustedProxies: readonly string[];
  /** Default: without the cookies of the platform. */
  readonly cookieFilter?: CookieFilter;
  /** Cookies that services may set. */
  readonly cookies?: ForwarderOptions['cookies'];
  /** The application that the platform is part of: it answers requests that no route matches. */
  readonly application?: HostApplication;
  readonly logger: ToolLogger;
  readonly showDetails: boolean;
}

/** All routes of the platform port, in matching order. */
export function createPlatformApp(parts: PlatformParts): Express {
  const { logger, showDetails, limiters, trustedProxies, application } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', ['loopback', ...trustedProxies]); // loopback: the gateway on this machine
  if (application !== undefined) trustAlso(app, application);
  app.use(requestId, accessLog(logger), guardRequests());
  app.use(parts.sessions.attach);
  app.use(parts.registry);
  app.use(parts.tokenRoutes); // before the limits: the gateway asks for each request that it forwards
  // The second address is that of the gateway, which callers use before and after an export.
  const toolAddresses = ['/api/tools/:toolId', '/api/:toolId'];
  app.use(toolAddresses, parts.credentials.accept); // before the limits, which count rejected tokens
  app.use(['/api', '/auth'], limiters.refusals, limiters.tools);
  app.use(parts.sessions.routes);
  const facade = createFacade({ ...parts, authorizationFor: authorizationOf(parts.credentials) });
  const hideCookies = hideFromTools(parts.cookieFilter ?? withoutPlatformCookies);
  for (const address of toolAddresses) {
    app.use(address, parts.shadows.handler, hideCookies, parts.holds.handler, facade); // before any body parser, because the proxy streams the body
    app.use(address, parts.tools);
  }
  app.use(parts.web);
  if (application === undefined) app.use(answerNotFound);
  app.use(answerToolErrors({ logger, showDetails }) satisfies ErrorRequestHandler);
  return app;
}

function trustAlso(app: Express, { trusts }: HostApplication): void {
  const ours = app.get('trust proxy fn') as HostApplication['trusts'];
  app.set('trust proxy', (address: string, hop: number) => ours(address, hop) || trusts(address, hop));
}

function accessLog(logger: ToolLogger): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    res.once('close', () => {
      const ms = Math.round(performance.now() - started);
      const { method, originalUrl } = req;
      // Not the headers, which carry tokens
      logger.debug(
        { requestId: requestIdOf(req), method, url: safeUrl(originalUrl), status: res.statusCode, ms },
        'request',
      );
    });
    next();
  };
}
