import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { isNeverAccepted } from '../session/credentials.ts';
import { setHostUser } from '../session/host-session.ts';
import type { ProblemAnswer } from '../../../contracts/host/problem.ts';
import { assignRequestId } from '../../../contracts/host/request-id.ts';
import { COMMON_PREFIX, isCommonAddress } from '../../../contracts/platform-addresses.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { sendProblem } from '../host/tool-errors.ts';
import type { EmbeddedFront, Next } from './embedded-front.ts';
import { parseHostUser } from './host-user.ts';
import type { OwnAddresses } from './own-addresses.ts';

/** A handler for Express 4, Express 5 and Connect. */
export type HostHandler = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

export interface EmbeddedRouterOptions {
  readonly front: EmbeddedFront;
  readonly isOwn: OwnAddresses;
  /** Identifies the caller by the request of the application; its result is not trusted. */
  readonly authenticate: ((request: IncomingMessage) => unknown) | undefined;
  /** Issuers whose tokens the platform checks itself. */
  readonly issuers: readonly string[];
  readonly logger: ToolLogger;
}

/**
 * The platform as a handler of an application. Requests for other addresses reach the next handler untouched; errors of the
 * application's own code, and a wrong place of the handler, reach its error handler.
 */
export function createEmbeddedRouter(options: EmbeddedRouterOptions): HostHandler {
  const { front, isOwn, logger } = options;
  const refusals = new WeakMap<IncomingMessage, ProblemAnswer>();
  const refusalApp = express()
    .disable('x-powered-by')
    .use((request, response) => sendProblem(response, refusals.get(request) ?? CLOSED));
  const refuse = (request: IncomingMessage, response: ServerResponse, problem: ProblemAnswer): void => {
    refusals.set(request, problem);
    refusalApp(request as never, response as never);
  };
  let warned = false;

  const serve: HostHandler = (request, response, next) => {
    const misplaced = baseOf(request);
    if (misplaced !== '') {
      next(new Error(misplacedMessage(misplaced)));
      return;
    }
    const requestId = assignRequestId(request, response);
    if (!front.isOpen()) {
      refuse(request, response, CLOSED);
      return;
    }
    if (!warned && request.socket.localPort !== front.port) {
      warned = true;
      logger.warn({ port: front.port, received: request.socket.localPort }, portMessage(request, front.port));
    }
    if (isBodyRead(request)) {
      logger.error({ requestId, url: pathOf(request) }, BODY_READ.detail);
      refuse(request, response, BODY_READ);
      return;
    }
    identify(request, options).then(
      () => {
        if (response.destroyed) return; // the client has disconnected
        if (front.isOpen()) front.answer(request, response, next);
        else refuse(request, response, CLOSED);
      },
      (error: unknown) => {
        logger.error({ err: error, requestId }, 'authenticate() of the application has failed');
        next(error);
      },
    );
  };

  return (request, response, next) => {
    const own = isOwn(request.method, pathOf(request));
    if (own === false) next();
    else if (own === true) serve(request, response, next);
    else
      own.then((found) => {
        if (found) serve(request, response, next);
        else next();
      }, next);
  };
}

/** Asks the application who calls, unless the platform checks the token of the request itself, or it needs no caller. */
async function identify(
  request: IncomingMessage,
  { authenticate, issuers }: EmbeddedRouterOptions,
): Promise<void> {
  const path = pathOf(request);
  if (authenticate === undefined || !path.startsWith('/api/')) return;
  if (path.startsWith(`${COMMON_PREFIX}/`) && isCommonAddress(path.slice(COMMON_PREFIX.length))) return;
  const { authorization } = request.headers;
  if (authorization !== undefined && !isNeverAccepted(authorization, issuers)) return;
  try {
    setHostUser(request, parseHostUser(await authenticate(request)));
  } catch (error) {
    // Express takes some other values for no error at all
    throw error instanceof Error
      ? error
      : new Error('authenticate() of the application has failed', { cause: error });
  }
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';

/** Where an Express application has mounted the handler; empty at its root. */
const baseOf = (request: IncomingMessage & { readonly baseUrl?: string }): string =>
  (request.baseUrl ?? '').replace(/\/$/, '');

const misplacedMessage = (base: string): string =>
  `The platform is mounted below ${base}, but its pages and services use addresses from the root. Mount it with app.use(platform.router).`;

const portMessage = ({ socket }: IncomingMessage, port: number): string =>
  `The application listens on port ${socket.localPort ?? '?'}, but the gateway, services and commands look for it on port ${port}. ` +
  'Pass its port to openPlatform({ port }).';

/** Whether a handler of the application has read the body, which the platform and its tools then wait for in vain. */
function isBodyRead(request: IncomingMessage): boolean {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = request.headers;
  return (encoding !== undefined || Number(length) > 0) && (request.readableDidRead || request.readableEnded);
}

const BODY_READ: ProblemAnswer = {
  status: 500,
  code: 'body-already-read',
  title: 'The body of the request was read before.',
  detail:
    'A body parser of the application has read this request before the platform. Mount the platform before it: app.use(platform.router) first, then app.use(express.json()).',
};

const CLOSED: ProblemAnswer = {
  status: 503,
  code: 'stopping',
  detail: 'The platform has stopped.',
  retryAfter: 5,
};
