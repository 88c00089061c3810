import { Agent } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { requestIdOf } from '../../../contracts/host/request-id.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { RouteTable, ToolRoute } from './route-table.ts';
import { createRotation } from './instances.ts';
import { sendProblem } from '../host/tool-errors.ts';

/** Timeout of a service in milliseconds, answered with 504. */
const SERVICE_TIMEOUT_MS = 60_000;

export interface FacadeOptions {
  readonly routes: RouteTable;
  readonly logger: ToolLogger;
  readonly timeoutMs?: number;
}

/** A request in flight. */
interface Passage {
  readonly route: ToolRoute;
  /** Time of arrival (`performance.now()`). */
  readonly at: number;
  /** Address below the tool, because forwarding rewrites the URL of the request. */
  readonly url: string;
  /** Buffered body; `null` when it is streamed. */
  readonly body: Buffer | null;
  /** Instances in the order of attempts, and the number of failed ones. */
  readonly instances: readonly string[];
  failed: number;
}

/**
 * Forwards requests for exported tools to their services: `<mount>/:toolId/x` becomes `<service>/api/:toolId/x`.
 * All other requests go to the next handler. Mount it before any body parser. Instances are used round-robin;
 * when one is down, the next gets the request, unless the first may already have acted on it.
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
    // Express has stripped the mount path: req.url is the URL that the router of the tool would see.
    pathRewrite: (path, req) => `/api/${toolIdOf(req)}${path === '/' ? '' : path}`,
    agent: new Agent({ keepAlive: true, maxFreeSockets: 64 }),
    changeOrigin: false,
    proxyTimeout: timeoutMs,
    ejectPlugins: true, // its error answers are plain text and expose the upstream
    plugins: [
      (server) => {
        server.on('proxyReq', (outgoing, req) => {
          // Overwrites forwarded headers, because those of the client cannot be trusted.
          outgoing.setHeader('X-Forwarded-For', req.ip ?? '');
          outgoing.setHeader('X-Forwarded-Proto', req.protocol);
          outgoing.setHeader('X-Forwarded-Host', req.get('host') ?? '');
          outgoing.setHeader('X-Real-IP', req.ip ?? '');
          outgoing.setHeader('X-Request-Id', requestIdOf(req));
          outgoing.removeHeader('X-Forwarded-Port');
          outgoing.removeHeader('Forwarded');
          const body = passages.get(req)?.body;
          if (body !== undefined && body !== null && body.length > 0) outgoing.write(body);
        });
        server.on('proxyRes', (incoming, _req, res) => {
          res.once('close', () => {
            if (!res.writableEnded) incoming.destroy(); // the client has closed an event stream
          });
        });
        server.on('error', (error, req, res) => {
          if (req !== undefined && res !== undefined && 'req' in res) fail(error, req, res);
        });
      },
    ],
  });

  const fail = (error: unknown, req: Request, res: Response): void => {
    if (res.writableEnded || res.destroyed) return; // already answered, or the client has disconnected
    const passage = passages.get(req);
    const toolId = passage?.route.toolId ?? '';
    const instance = passage?.instances[passage.failed];
    logger.warn(
      { err: error, requestId: requestIdOf(req), tool: toolId, instance },
      'the service does not answer',
    );
    if (res.headersSent) {
      res.destroy(); // a partial answer must not look complete
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
    // Receives errors before the request is forwarded; later ones arrive at the `error` event of the proxy
    // server.
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
    else bufferBody(req).then(begin, () => res.destroy()); // the client disconnected while sending
  };
}

/** Largest body in bytes that is buffered for a retry; larger ones are streamed. */
const MAX_BUFFERED_BODY = 64 * 1024;

async function bufferBody(req: Request): Promise<Buffer | null> {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = req.headers;
  if (coding !== undefined || Number(length) > MAX_BUFFERED_BODY) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Idempotent methods (RFC 9110, 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether another instance is left, and the request is idempotent or never reached this one. */
function canRetry({ failed, instances, body }: Passage, error: unknown, req: Request): boolean {
  if (failed + 1 >= instances.length || body === null) return false;
  return (error as NodeJS.ErrnoException).syscall === 'connect' || IDEMPOTENT.has(req.method);
}

const toolIdOf = (req: Request): string => String(req.params['toolId']);

const routeOf = (req: Request, routes: RouteTable): ToolRoute | undefined => routes.get(toolIdOf(req));
