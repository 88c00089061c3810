import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Express } from 'express';
import { assignRequestId } from '../../../contracts/host/request-id.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { createForwarder } from '../host/forward.ts';
import type { Front } from './front.ts';
import type { HostApplication } from './host-application.ts';
import { lendRequest } from './restore-request.ts';

/** Passes a request on to the next handler of the application, or an error to its error handler. */
export type Next = (error?: unknown) => void;

/** A front whose requests an application receives. */
export interface EmbeddedFront extends Front {
  readonly trusts: HostApplication['trusts'];
  /** Whether requests are answered. */
  isOpen(): boolean;
  /** Answers with the routes of the platform. `next` gets what they do not answer, as it was. */
  answer(request: IncomingMessage, response: ServerResponse, next: Next): void;
}

/** Longest wait in milliseconds for an answer of the application, as for a tool. */
const TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** @param port where the application listens */
export function createEmbeddedFront({ port, logger }: { port: number; logger: ToolLogger }): EmbeddedFront {
  const underWay = new Set<ServerResponse>();
  let platform: Express | null = null;
  let trusts: HostApplication['trusts'] = () => false;

  return {
    port,
    trusts: (address, hop) => trusts(address, hop),
    isOpen: () => platform !== null,
    serve(app) {
      platform = app;
    },
    answer(request, response, next) {
      if (platform === null) {
        next();
        return;
      }
      trusts = trustOf(request) ?? trusts;
      underWay.add(response);
      response.once('close', () => underWay.delete(response));
      const giveBack = lendRequest(request, response);
      platform(request as never, response as never, (error?: unknown) => {
        underWay.delete(response);
        giveBack();
        next(error);
      });
    },
    behindGateway() {
      const forward = createForwarder({ logger, timeoutMs: TIMEOUT_MS, cookies: 'all' });
      return (request, response) => {
        assignRequestId(request, response);
        forward(request, response, {
          toolId: 'application',
          instances: [`http://127.0.0.1:${port}`],
          path: request.originalUrl,
          onFailure: (late) => ({
            status: late ? 504 : 502,
            code: 'platform-away',
            detail: `The application on port ${port} does not answer.`,
            retryAfter: 2,
          }),
        });
      };
    },
    async close(graceMs) {
      platform = null;
      const until = performance.now() + graceMs;
      while (underWay.size > 0 && performance.now() < until) await delay(POLL_MS);
      for (const response of underWay) response.destroy();
    },
  };
}

/** The application's setting `trust proxy`, in Express 4 and 5. */
function trustOf(request: IncomingMessage): HostApplication['trusts'] | undefined {
  const { app } = request as { app?: { get?: (name: string) => unknown } };
  const trust = app?.get?.('trust proxy fn');
  return typeof trust === 'function' ? (trust as HostApplication['trusts']) : undefined;
}
