import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const HEADER = 'x-request-id';
/** The id is written to headers and logs. */
const USABLE = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * Gives a request an id: the caller's if it is plain text, else a new one. The id is answered in `X-Request-Id`, and
 * the request's own header holds it for calls to other services.
 */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && USABLE.test(given) ? given : randomUUID();
  request.headers[HEADER] = id;
  response.setHeader('X-Request-Id', id);
  return id;
}

/** The id that {@link assignRequestId} has set. */
export const requestIdOf = (request: IncomingMessage): string => String(request.headers[HEADER] ?? '');
