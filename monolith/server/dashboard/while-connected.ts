import type { Request, RequestHandler, Response } from 'express';

/** A handler whose work ends when the caller disconnects, by the signal. */
export function whileConnected(
  work: (request: Request, response: Response, signal: AbortSignal) => Promise<void>,
): RequestHandler {
  return async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      await work(request, response, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) throw error; // otherwise no answer can arrive
    }
  };
}
