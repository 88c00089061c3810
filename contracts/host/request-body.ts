import { Readable } from 'node:stream';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { BODY_LIMIT, BODY_LIMIT_BYTES } from './problem.ts';

/** Reads any stream with the headers of a request. */
const parseJson = express.json({ limit: BODY_LIMIT }) as unknown as (
  request: Readable & { readonly body?: unknown },
  response: Response,
  next: (error?: unknown) => void,
) => void;

/**
 * Gives every route its JSON body, and leaves the bytes in the stream: a parser of the route's own, such as `express.raw()`
 * or `express.json({ verify })`, reads them as if no other had. A body that is no JSON or is too large is refused when a
 * handler reads `request.body`, so that a route with a parser of its own may accept it. What a tool does not read is
 * discarded once it has answered, so that the connection serves the next request.
 */
export function offerBody(): RequestHandler {
  return async (request, response, next) => {
    response.once('finish', () => {
      if (!request.readableEnded) request.resume();
    });
    // No body, or one that is not JSON
    if (typeof request.is('application/json') === 'string') {
      const bytes = await peek(request, BODY_LIMIT_BYTES);
      if (bytes === null) return; // the client has disconnected
      const { body, error } =
        bytes.length > BODY_LIMIT_BYTES ? TOO_LARGE : await parsed(bytes, request, response);
      if (error === undefined) request.body = body;
      else refuseBody(request, error);
    }
    next();
  };
}

/**
 * Reads the body, or its beginning when it has more than `most` bytes, and puts the bytes back, which a stream allows before
 * its `end` event. `null` when the connection breaks.
 */
async function peek(request: Request, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A read beyond the last byte would emit `end`
  while (!(request.complete && request.readableLength === 0) && size <= most) {
    const chunk = request.read() as Buffer | null;
    if (chunk !== null) {
      chunks.push(chunk);
      size += chunk.length;
    } else if (!(await isReadable(request))) return null;
  }
  const bytes = Buffer.concat(chunks);
  if (size > 0) request.unshift(bytes);
  return bytes;
}

/** Waits for more bytes or the end; `false` when the connection breaks. */
function isReadable(request: Request): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (): void => {
      request.off('readable', done).off('close', done);
      resolve(!request.destroyed);
    };
    if (request.destroyed) resolve(false);
    else request.on('readable', done).on('close', done);
  });
}

interface Parsed {
  readonly body?: unknown;
  readonly error?: unknown;
}

/** Parses a copy of the request, whose own stream is left alone. */
function parsed(bytes: Buffer, { headers, method, url }: Request, response: Response): Promise<Parsed> {
  const copy = Object.assign(Readable.from([bytes], { objectMode: false }), { headers, method, url });
  return new Promise((resolve) => {
    parseJson(copy, response, (error) => {
      resolve(error === undefined ? { body: (copy as { readonly body?: unknown }).body } : { error });
    });
  });
}

const TOO_LARGE: Parsed = {
  error: Object.assign(new Error('request entity too large'), {
    status: 413,
    type: 'entity.too.large',
    limit: BODY_LIMIT_BYTES,
  }),
};

/** Until a parser sets `request.body`, reading it throws. */
function refuseBody(request: Request, error: unknown): void {
  Object.defineProperty(request, 'body', {
    configurable: true,
    get: () => {
      throw error;
    },
    set(value: unknown) {
      Object.defineProperty(request, 'body', { value, configurable: true, enumerable: true, writable: true });
    },
  });
}
