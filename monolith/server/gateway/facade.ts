import { Agent } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { RouteTable, ToolRoute } from './route-table.ts';
import { createRotation } from './instances.ts';
import { idOf } from '../host/request-id.ts';
import { sendProblem } from '../host/tool-errors.ts';

/** Longest silence of a service before its caller is told 504, in milliseconds. */
const SERVICE_TIMEOUT_MS = 60_000;

export interface FacadeOptions {
  readonly routes: RouteTable;
  readonly logger: ToolLogger;
  readonly timeoutMs?: number;
}

/** A request on its way. */
interface Passage {
  readonly route: ToolRoute;
  /** When it came (`performance.now()`). */
  readonly at: number;
  /** Its address below the tool: sending it on rewrites the request's own. */
  readonly url: string;
  /** Its body; `null` while that is on its way and nobody has kept it. */
  readonly body: Buffer | null;
  /** The instances in the order in which it asks them, and how many have failed it. */
  readonly instances: readonly string[];
  failed: number;
}

/**
 * Sends requests for tools that have left on to their services: `<mount>/:toolId/x` becomes
 * `<service>/api/:toolId/x`. Everything else goes to the next handler. Mount it before anything reads a body.
 * Instances take turns, and where one is away the next is asked, unless the request may have had its effect there.
 */
export function createFacade(options: FacadeOptions): RequestHandler {
  const { routes, logger, timeoutMs = SERVICE_TIMEOUT_MS } = options;
  const passages = new WeakMap<Request, Passage>();
  const rotation = createRotation();
  const proxy = createProxyMiddleware<Request, Response>({
    router: (req) => {
      const passage = passages.get(req);
      return passage?.instances[passage.failed] ?? '';
    },
    // Express has taken the mount path off: req.url is what the tool's own router would see.
    pathRewrite: (path, req) => `/api/${toolIdOf(req)}${path === '/' ? '' : path}`,
    agent: new Agent({ keepAlive: true, maxFreeSockets: 64 }),
    changeOrigin: false,
    proxyTimeout: timeoutMs,
    ejectPlugins: true, // its answers are plain text and name the upstream; ours are below
    plugins: [
      (server) => {
        server.on('proxyReq', (outgoing, req) => {
          // Overwritten, not appended to: what a client claims about itself is not handed on.
          outgoing.setHeader('X-Forwarded-For', req.ip ?? '');
          outgoing.setHeader('X-Forwarded-Proto', req.protocol);
          outgoing.setHeader('X-Forwarded-Host', req.get('host') ?? '');
          outgoing.setHeader('X-Real-IP', req.ip ?? '');
          outgoing.setHeader('X-Request-Id', idOf(req));
          outgoing.removeHeader('X-Forwarded-Port');
          outgoing.removeHeader('Forwarded');
          const body = passages.get(req)?.body;
          if (body !== undefined && body !== null && body.length > 0) outgoing.write(body);
        });
        server.on('proxyRes', (incoming, _req, res) => {
          res.once('close', () => {
            if (!res.writableEnded) incoming.destroy(); // an event stream whose reader has left
          });
        });
        server.on('error', (error, req, res) => {
          if (req !== undefined && res !== undefined && 'req' in res) fail(error, req, res);
        });
      },
    ],
  });

  const fail = (error: unknown, req: Request, res: Response): void => {
    if (res.writableEnded || res.destroyed) return; // answered, or nobody is left to answer
    const passage = passages.get(req);
    const toolId = passage?.route.toolId ?? '';
    const instance = passage?.instances[passage.failed];
    logger.warn({ err: error, requestId: idOf(req), tool: toolId, instance }, 'the service does not answer');
    if (res.headersSent) {
      res.destroy(); // half an answer must not look like a whole one
      return;
    }
    const late = passage !== undefined && performance.now() - passage.at >= timeoutMs;
    if (instance !== undefined && !late) rotation.failed(instance);
    if (passage !== undefined && !late && canRetry(passage, error, req)) {
      passage.failed += 1;
      req.url = passage.url;
      send(req, res);
      return;
    }
    sendProblem(res, {
      status: late ? 504 : 502,
      code: late ? 'service-timeout' : 'service-unreachable',
      detail: `The service of "${toolId}" does not answer. See it with: npx gulp status --tool-id=${toolId}`,
      retryAfter: 2,
    });
  };

  const send = (req: Request, res: Response): void => {
    // Errors before the service is called come here, those of the call to the server's event.
    void proxy(req, res, (error?: unknown) => {
      fail(error, req, res);
    });
  };

  return (req, res, next) => {
    const route = routeOf(req, routes);
    if (route === undefined) {
      next();
      return;
    }
    const instances = rotation.order(route.instances);
    const begin = (body: Buffer | null): void => {
      passages.set(req, { route, at: performance.now(), url: req.url, body, instances, failed: 0 });
      send(req, res);
    };
    if (instances.length === 1) begin(null);
    else keepBody(req).then(begin, () => res.destroy()); // its sender has left in the middle
  };
}

/** Largest body that is kept to be sent again, in bytes; larger ones flow through. */
const KEPT_BODY = 64 * 1024;

async function keepBody(req: Request): Promise<Buffer | null> {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = req.headers;
  if (coding !== undefined || Number(length) > KEPT_BODY) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** RFC 9110, 9.2.2: methods that have no more effect twice than once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Another instance is left, and the request never reached this one or is idempotent. */
function canRetry({ failed, instances, body }: Passage, error: unknown, req: Request): boolean {
  if (failed + 1 >= instances.length || body === null) return false;
  return (error as NodeJS.ErrnoException).syscall === 'connect' || IDEMPOTENT.has(req.method);
}

const toolIdOf = (req: Request): string => String(req.params['toolId']);

const routeOf = (req: Request, routes: RouteTable): ToolRoute | undefined => routes.get(toolIdOf(req));
