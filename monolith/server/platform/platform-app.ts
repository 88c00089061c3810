import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { safeUrl } from '../../../registry-api/http/request-log.ts';
import { createFacade } from '../gateway/facade.ts';
import { idOf, requestId } from '../host/request-id.ts';
import type { RouteTable } from '../gateway/route-table.ts';
import { answerNotFound, answerToolErrors } from '../host/tool-errors.ts';

export interface PlatformParts {
  /** Turns the cookies of the dashboard into tokens, before anybody asks who is calling. */
  readonly sessions: { readonly attach: RequestHandler; readonly routes: RequestHandler };
  /** The registry's routes; it finds out who calls, and passes on what is not its own. */
  readonly registry: RequestHandler;
  readonly routes: RouteTable;
  readonly tools: RequestHandler;
  /** The dashboard's pages. */
  readonly web: RequestHandler;
  readonly logger: ToolLogger;
  readonly showDetails: boolean;
}

/** Everything that the platform answers at its own port, in the order in which it is asked. */
export function createPlatformApp(parts: PlatformParts): Express {
  const { logger, showDetails } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', 'loopback'); // the gateway on this machine says whom it speaks for
  app.use(requestId, accessLog(logger));
  app.use(parts.sessions.attach);
  app.use(parts.registry);
  app.use(parts.sessions.routes);
  const facade = createFacade(parts);
  // The second address is the gateway's: callers use it before an export and after.
  for (const address of ['/api/tools/:toolId', '/api/:toolId']) {
    app.use(address, facade); // before anything reads a body: the proxy sends it on as it comes in
    app.use(address, parts.tools);
  }
  app.use(parts.web);
  app.use(answerNotFound);
  app.use(answerToolErrors({ logger, showDetails }) satisfies ErrorRequestHandler);
  return app;
}

function accessLog(logger: ToolLogger): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    res.once('close', () => {
      const ms = Math.round(performance.now() - started);
      const { method, originalUrl } = req;
      // No headers: they carry tokens
      logger.debug(
        { requestId: idOf(req), method, url: safeUrl(originalUrl), status: res.statusCode, ms },
        'request',
      );
    });
    next();
  };
}
