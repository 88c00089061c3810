import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger, SerializedRequest } from 'pino';
import { pinoHttp } from 'pino-http';
import { safeUrl } from '../../contracts/host/safe-url.ts';

const SECRETS = ['password', 'secret', 'token', 'authorization', 'cookie', 'headers["set-cookie"]'];

/** Credentials to redact, at the top of a line or below. Bodies are never logged. */
export const REDACTED = [
  ...SECRETS,
  ...SECRETS.map((name) => `*.${name}`),
  ...['authorization', 'cookie', '["x-xsrf-token"]', '["idempotency-key"]'].flatMap((name) => {
    const field = name.startsWith('[') ? name : `.${name}`;
    return [`headers${field}`, `*.headers${field}`];
  }),
  'err.config',
];

const PROBES = new Set(['/livez', '/readyz', '/health', '/metrics']);

/**
 * Logs one line per request, with a request id from the caller or a new one, returned as X-Request-Id. Accepts
 * only plain ids from callers, because the id is written into logs and headers.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    serializers: { req: withSafeUrl },
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) return 'error';
      return PROBES.has(request.url) ? 'debug' : 'info';
    },
  });
}

/** The logged parts of a request, with its address only once. */
function withSafeUrl({ id, method, url, headers, remoteAddress, remotePort }: SerializedRequest): object {
  const { referer, ...others } = headers;
  const shown = referer === undefined ? others : { ...others, referer: safeUrl(referer) };
  return { id, method, url: safeUrl(url), headers: shown, remoteAddress, remotePort };
}
