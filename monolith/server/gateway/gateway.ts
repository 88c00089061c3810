import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { Router, type Express, type RequestHandler } from 'express';
import type { RouteTable } from './route-table.ts';
import { guardRequests } from '../../../contracts/host/guard-requests.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { WEB_APP_HEADERS } from '../../../contracts/web-app-headers.ts';
import { answerToolErrors, sendProblem } from '../host/tool-errors.ts';

export interface GatewayOptions {
  /** Absolute path of the repository; relative web roots are resolved against it. */
  readonly root: string;
  readonly routes: RouteTable;
  readonly platform: RequestHandler;
  readonly logger: ToolLogger;
}

/** Pages of the dashboard about a tool, which keep their addresses after an export. */
const ABOUT_THE_TOOL = /^\/(about|export)\/?$/;

/**
 * The gateway for machines without nginx, with the same addresses: `/tools/<id>/` is the web app of an exported
 * tool; all other requests go to the platform, which routes each API.
 */
export function createGateway({ root, routes, platform, logger }: GatewayOptions): Express {
  const gateway = express();
  gateway.disable('x-powered-by');
  gateway.use(guardRequests());
  gateway.use('/tools/:toolId', serveExportedApp(root, routes));
  gateway.use(platform);
  gateway.use(answerToolErrors({ logger, showDetails: false }));
  return gateway;
}

function serveExportedApp(root: string, routes: RouteTable): RequestHandler {
  const apps = new Map<string, Router>();
  return (req, res, next) => {
    const toolId = String(req.params['toolId']);
    const route = routes.get(toolId);
    if (route === undefined || ABOUT_THE_TOOL.test(req.path)) {
      next();
      return;
    }
    if (req.originalUrl.split('?', 1)[0] === `/tools/${toolId}`) {
      res.redirect(308, `/tools/${toolId}/`); // the app uses addresses relative to its folder
      return;
    }
    const folder = path.resolve(root, route.webRoot);
    const app = apps.get(folder) ?? webApp(folder);
    apps.set(folder, app);
    app(req, res, next);
  };
}

/** Files whose names carry a hash of their content never change. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9]+$/;

function webApp(folder: string): Router {
  const app = Router();
  app.use(
    express.static(folder, {
      index: false,
      redirect: false,
      setHeaders: (res, file) => {
        for (const [name, value] of Object.entries(WEB_APP_HEADERS)) res.setHeader(name, value);
        res.setHeader(
          'Cache-Control',
          HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    }),
  );
  app.use((req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      next();
      return;
    }
    // The app handles deep links, but a missing file is a 404.
    if (/\.[a-z0-9]{2,5}$/i.test(req.path) || !existsSync(path.join(folder, 'index.html'))) {
      sendProblem(res, { status: 404, code: 'not-found', detail: `${req.originalUrl} does not exist.` });
      return;
    }
    res.set({ ...WEB_APP_HEADERS, 'Cache-Control': 'no-cache' });
    res.sendFile('index.html', { root: folder });
  });
  return app;
}
