import { Agent } from 'node:http';
import type { Request, Response } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { withoutPlatformCookies } from '../../../contracts/host/platform-cookies.ts';
import type { ProblemAnswer } from '../../../contracts/host/problem.ts';
import { requestIdOf } from '../../../contracts/host/request-id.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { sendProblem } from './tool-errors.ts';

/** Where a request goes. */
export interface Destination {
  readonly toolId: string;
  /** Base URLs in the order of attempts, for example `http://127.0.0.1:3004`. At least one. */
  readonly instances: readonly string[];
  /** Path and query at the destination. */
  readonly path: string;
  /** Headers that replace those of the client; `null` removes one. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** The answer when no instance answers. */
  readonly onFailure: (late: boolean) => ProblemAnswer | Promise<ProblemAnswer>;
}

/** The header `Authorization` that the code of a tool gets instead of the caller's; `null`: none. */
export type AuthorizationFor = (request: Request, toolId: string) => Promise<string | null>;

export interface ForwarderOptions {
  readonly logger: ToolLogger;
  /** Longest wait for an answer in milliseconds. */
  readonly timeoutMs: number;
  /** Which cookies an instance may set: all, all but those of the platform (default), or none. */
  readonly cookies?: 'all' | 'own' | 'none';
  /** Called for an instance that does not answer. */
  readonly onInstanceFailed?: (instance: string) => void;
  /** Called for an instance that answers. */
  readonly onInstanceAnswered?: (instance: string) => void;
}

/** Forwards a request. Call it before any body parser. */
export type Forwarder = (request: Request, response: Response, destination: Destination) => void;

/** A request in flight. */
interface Passage {
  readonly destination: Destination;
  /** Base URLs in the order of attempts, and the number of failed ones. */
  readonly attempts: readonly string[];
  failed: number;
  /** Time of arrival (`performance.now()`). */
  readonly at: number;
  /** Buffered body; `null` when it is streamed. */
  readonly body: Buffer | null;
}

/**
 * Forwards requests to the processes that run tools. When an instance is down, the next one gets the request, unless
 * the first may already have acted on it. An idempotent request without a body is sent a second time to a single
 * instance, because a reused connection may have been closed in the meantime.
 */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { logger, timeoutMs, cookies: allowed = 'own', onInstanceFailed, onInstanceAnswered } = options;
  const passages = new WeakMap<Request, Passage>();
  const proxy = createProxyMiddleware<Request, Response>({
    router: (req) => {
      const passage = passages.get(req);
      return passage?.attempts[passage.failed] ?? '';
    },
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
          // Those of the client are about its own connection (RFC 9110, 7.6.1). An instance that closes the connection
          // while a body is on its way would lose its answer
          for (const name of HOP_BY_HOP) outgoing.removeHeader(name);
          outgoing.setHeader('Connection', 'keep-alive');
          const passage = passages.get(req);
          for (const [name, value] of Object.entries(passage?.destination.headers ?? {}))
            if (value === null) outgoing.removeHeader(name);
            else outgoing.setHeader(name, value);
          const body = passage?.body ?? null;
          if (body !== null && body.length > 0) outgoing.write(body);
        });
        server.on('proxyRes', (incoming, req, res) => {
          const passage = passages.get(req);
          onInstanceAnswered?.(passage?.attempts[passage.failed] ?? '');
          // They are about the connection to the instance (RFC 9110, 7.6.1)
          delete incoming.headers.connection;
          delete incoming.headers['keep-alive'];
          const { 'set-cookie': cookies } = incoming.headers;
          if (allowed === 'none') delete incoming.headers['set-cookie'];
          else if (allowed === 'own' && cookies !== undefined)
            incoming.headers['set-cookie'] = withoutPlatformCookies(cookies);
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
    if (passage === undefined) return;
    const { attempts, destination } = passage;
    const instance = attempts[passage.failed] ?? '';
    logger.warn(
      { err: error, requestId: requestIdOf(req), tool: destination.toolId, instance },
      'the service does not answer',
    );
    if (res.headersSent) {
      res.destroy(); // a partial answer must not look complete
      return;
    }
    const late = performance.now() - passage.at >= timeoutMs;
    if (!late) onInstanceFailed?.(instance);
    if (!late && canRetry(passage, error, req)) {
      passage.failed += 1;
      send(req, res);
      return;
    }
    void answer(res, destination, late);
  };

  const send = (req: Request, res: Response): void => {
    // Not the path below the mount, which may be no path of a URL, such as `//`
    req.url = passages.get(req)?.destination.path ?? req.url;
    // The server has answered it; with it, the proxy would not emit `proxyReq`
    delete req.headers.expect;
    // Receives errors before the request is forwarded; later ones arrive at the `error` event of the proxy
    // server.
    void proxy(req, res, (error?: unknown) => {
      fail(error, req, res);
    });
  };

  return (req, res, destination) => {
    const { instances } = destination;
    const begin = (body: Buffer | null): void => {
      const again = instances.length === 1 && body !== null ? instances : [];
      const attempts = [...instances, ...again];
      passages.set(req, { destination, attempts, at: performance.now(), body, failed: 0 });
      send(req, res);
    };
    if (!hasBody(req)) begin(NO_BODY);
    else if (instances.length === 1) begin(null);
    else bufferBody(req).then(begin, () => res.destroy()); // the client disconnected while sending
  };
}

async function answer(res: Response, { onFailure }: Destination, late: boolean): Promise<void> {
  const problem = await onFailure(late);
  if (!res.headersSent && !res.destroyed) sendProblem(res, problem);
}

/** Headers of one connection; the proxy frames the body itself. */
const HOP_BY_HOP = ['Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer', 'Upgrade'];

const NO_BODY = Buffer.alloc(0);

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Largest body in bytes that is buffered for a retry; larger ones are streamed. */
const MAX_BUFFERED_BODY = 64 * 1024;

const isStreamed = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_BUFFERED_BODY;

async function bufferBody(req: Request): Promise<Buffer | null> {
  if (isStreamed(req)) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Idempotent methods (RFC 9110, 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether a request may be sent to another instance when the first one has broken off without an answer. */
export const isRepeatable = (req: Request): boolean => IDEMPOTENT.has(req.method) && !isStreamed(req);

/** Whether an attempt is left, and the request is idempotent or never reached the instance. */
function canRetry({ failed, attempts, body }: Passage, error: unknown, req: Request): boolean {
  if (failed + 1 >= attempts.length || body === null) return false;
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  // A refused connection to the only instance would be refused again
  if (syscall === 'connect') return attempts[failed + 1] !== attempts[failed];
  return IDEMPOTENT.has(req.method);
}
