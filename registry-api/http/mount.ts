import helmet from 'helmet';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Pool } from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { BODY_LIMIT } from '../../contracts/host/problem.ts';
import { requireReadAccess, requireScope } from '../auth/authenticate.ts';
import { principalOf } from '../auth/principal.ts';
import { transaction } from '../store/pool.ts';
import { actAs } from '../store/tools.ts';
import { deleteKey, storeReply, replay, type IdempotentCall } from './idempotency.ts';
import type { Limiters } from './limits.ts';
import type { ApiRequest, Operation, Reply, WriteOperation } from './operation.ts';
import { queryParser } from './validate.ts';

export interface MountOptions {
  readonly pool: Pool;
  readonly limiters: Limiters;
}

/** The API serves no pages, so nothing may be loaded, framed or sniffed. The docs page overrides these headers. */
const secureHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: false, // set where TLS ends
  xXssProtection: false,
});

/** Mounts every operation, and answers every other method on its address with 405. */
export function mountOperations(
  router: Router,
  operations: readonly Operation[],
  options: MountOptions,
): void {
  for (const operation of operations)
    router[operation.method](expressPath(operation.path), ...handlers(operation, options));
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const allowed = operations
      .filter((operation) => operation.path === path)
      .map((o) => o.method.toUpperCase());
    router.all(expressPath(path), secureHeaders, refuseMethod(allowed));
  }
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

function handlers(operation: Operation, { pool, limiters }: MountOptions): RequestHandler[] {
  const parseQuery = queryParser(operation.query ?? {});
  return [
    // label of the metrics: the addresses themselves are unbounded
    (_request, response, next) => {
      response.locals['route'] = operation.path;
      next();
    },
    secureHeaders,
    ...accessHandlers(operation, limiters),
    ...(operation.body === undefined ? [] : jsonBody(operation.body.optional === true)),
    async (request, response) => {
      const api = toApiRequest(request, parseQuery(request.query), operation);
      if (operation.kind === 'stream') await operation.handle(api, response);
      else if (operation.kind === 'read') send(response, await operation.handle(api));
      else send(response, await write(operation, api, pool));
    },
  ];
}

function accessHandlers({ access, kind }: Operation, limiters: Limiters): RequestHandler[] {
  if (access === 'open') return [];
  const limiter = kind === 'write' ? limiters.write : limiters.read;
  return [limiters.refusals, access === 'read' ? requireReadAccess() : requireScope(access), limiter];
}

/** Accepts only JSON, at most 256 KiB. */
function jsonBody(optional: boolean): RequestHandler[] {
  const parse: RequestHandler = express.json({ limit: BODY_LIMIT, strict: false, type: () => true });
  return [
    (request, response, next) => {
      if (optional && isEmpty(request)) {
        request.body = {};
        next();
        return;
      }
      if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
        throw new PlatformError('unsupported-media-type', 'Send the body as Content-Type: application/json.');
      if (request.body !== undefined) {
        next(); // already parsed by the host
        return;
      }
      return parse(request, response, next);
    },
  ];
}

const isEmpty = (request: Request): boolean => request.headers['content-length'] === '0' || !hasBody(request);

const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || request.headers['content-length'] !== undefined;

function toApiRequest(request: Request, query: Record<string, unknown>, operation: Operation): ApiRequest {
  const params = request.params as Record<string, string>;
  if ([...Object.values(params), ...Object.values(query)].some((value) => String(value).includes('\0')))
    throw new PlatformError('bad-request', 'The address contains a NUL character.');
  return {
    params,
    query,
    body: operation.body?.parse(request.body, params),
    header: (name) => request.get(name),
    principal: () => principalOf(request),
    raw: request,
  };
}

async function write(operation: WriteOperation, request: ApiRequest, pool: Pool): Promise<Reply> {
  const { subject } = request.principal();
  const key = request.header('idempotency-key');
  const call: IdempotentCall | null =
    key === undefined
      ? null
      : {
          subject,
          key,
          method: operation.method,
          path: request.raw.originalUrl,
          body: request.body,
          ifMatch: request.header('if-match'),
        };
  const { reply, isNew } = await transaction(pool, async (client) => {
    await actAs(client, subject);
    const earlier = call === null ? null : await replay(client, call);
    if (earlier !== null) return { reply: earlier, isNew: false };
    const made = await operation.handle(request, client);
    if (call !== null) await storeReply(client, call, made);
    return { reply: made, isNew: true };
  });
  try {
    if (isNew) await operation.afterwards?.(request, reply);
  } catch (error) {
    if (call !== null) await deleteKey(pool, call);
    throw error;
  }
  return operation.complete === undefined ? reply : operation.complete(reply);
}

function send(response: Response, reply: Reply): void {
  response.status(reply.status).set(reply.headers ?? {});
  if (reply.body === undefined) response.end();
  else response.json(reply.body);
}

function refuseMethod(allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
    response.set('Allow', allow.join(', '));
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    throw new PlatformError(
      'method-not-allowed',
      `${request.path} does not support ${request.method}. Supported methods: ${allow.join(', ')}.`,
    );
  };
}
