import type { RequestHandler } from 'express';
import { HttpProblem } from '../http-problem.ts';

/**
 * Refuses requests whose Host is ambiguous, and forbids browsers to guess the type of an answer. Mount it before
 * everything that reads the Host.
 *
 * @throws HttpProblem 400, from the handler
 */
export function guardRequests(): RequestHandler {
  return (request, response, next) => {
    response.set('X-Content-Type-Options', 'nosniff');
    // Node keeps the first of several, and a proxy may have used another one (RFC 9112, 3.2)
    const hosts = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
    if (hosts.length > 1)
      throw new HttpProblem(400, 'bad-request', 'The request has several Host headers. Send one.');
    next();
  };
}
