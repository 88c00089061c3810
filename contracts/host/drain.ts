import type { Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Times in milliseconds. */
export interface DrainTimes {
  /** The listener closes once no request has arrived for this long, */
  readonly quiet: number;
  /** or after this long, even if requests keep arriving. */
  readonly limit: number;
  /** Time for requests in progress after that, before their connections are cut. */
  readonly grace: number;
}

const POLL_MS = 50;

/**
 * Prepares a server for a stop that loses no request. Call the result once to stop it; it resolves when all connections
 * are closed, after `limit + grace` at the latest.
 *
 * A proxy that reuses connections sends its next request over one of them, whether the listener is open or not. So every answer
 * says `Connection: close` first, and the listener stays open until the proxy has moved on.
 */
export function prepareDrain(server: Server, times: DrainTimes): () => Promise<void> {
  const unanswered = new Set<ServerResponse>();
  let draining = false;
  let lastRequest = 0;
  server.prependListener('request', (_request, response: ServerResponse) => {
    lastRequest = performance.now();
    if (draining) response.setHeader('Connection', 'close');
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
  });
  return async () => {
    draining = true;
    for (const response of unanswered) if (!response.headersSent) response.setHeader('Connection', 'close');
    const began = (lastRequest = performance.now());
    for (let now = began; now - began < times.limit && now - lastRequest < times.quiet;) {
      await delay(POLL_MS);
      now = performance.now();
    }
    const closed = new Promise((resolve) => server.close(resolve));
    // An answer that had begun before the stop leaves its connection idle
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, POLL_MS);
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, times.grace);
    await closed;
    clearInterval(idle);
    clearTimeout(cut);
  };
}
