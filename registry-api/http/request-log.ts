import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger, SerializedRequest } from 'pino';
import { pinoHttp } from 'pino-http';

const SECRETS = ['password', 'secret', 'token', 'authorization', 'cookie', 'headers["set-cookie"]'];

/** What must not reach a log: whatever lets somebody in, at the top of a line or below. Bodies are never logged. */
export const REDACTED = [
  ...SECRETS,
  ...SECRETS.map((name) => `*.${name}`),
  ...['authorization', 'cookie', '["x-xsrf-token"]', '["idempotency-key"]'].flatMap((name) => {
    const field = name.startsWith('[') ? name : `.${name}`;
    return [`headers${field}`, `*.headers${field}`];
  }),
  'err.config',
];

/** Values that let somebody in, where an address carries them: `?code=` of a sign-in, `?access_token=` of a habit. */
const SECRET_PARAMETER = /([?&](?:[\w-]*(?:token|secret|password|signature)|code|state|key)=)[^&#]*/gi;

/** An address that may be logged. */
export const safeUrl = (url: string): string => url.replaceAll(SECRET_PARAMETER, '$1[Redacted]');

const PROBES = new Set(['/livez', '/readyz', '/health', '/metrics']);

/**
 * One line a request, with an id that comes from the caller or is made here, and goes back as X-Request-Id. A
 * caller's id is taken only when it is plain, because it is written into logs and headers.
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

/** The parts of a request that are logged: its address once, and not a second time in pieces. */
function withSafeUrl({ id, method, url, headers, remoteAddress, remotePort }: SerializedRequest): object {
  const { referer, ...others } = headers;
  const shown = referer === undefined ? others : { ...others, referer: safeUrl(referer) };
  return { id, method, url: safeUrl(url), headers: shown, remoteAddress, remotePort };
}
