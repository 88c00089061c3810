import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

const HEADER = 'x-request-id';
const USABLE = /^[A-Za-z0-9._-]{1,100}$/;

/** Gives every request an id, taking over the caller's when it is plain text, and answers with it. */
export const requestId: RequestHandler = (req, res, next) => {
  const given = req.get(HEADER);
  const id = given !== undefined && USABLE.test(given) ? given : randomUUID();
  req.headers[HEADER] = id;
  res.set('X-Request-Id', id);
  next();
};

/** The id that {@link requestId} has set. */
export const idOf = (req: IncomingMessage): string => String(req.headers[HEADER] ?? '');
