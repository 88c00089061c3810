import express, { type Express, type RequestHandler } from 'express';
import type { Settings } from '../../../contracts/settings.ts';
import { sendProblem } from '../host/tool-errors.ts';
import { listen, type ListenOptions } from './listen.ts';

/** Where requests for the platform arrive: at a port of its own, or at that of the application that it is part of. */
export interface Front {
  readonly port: number;
  /** Answers requests with the routes of the platform from now on. */
  serve(platform: Express): void;
  /** Answers the requests that a gateway without nginx passes on. */
  behindGateway(platform: Express): RequestHandler;
  /** No new requests; those under way get `graceMs`, then their connections are cut. Safe to call twice. */
  close(graceMs: number): Promise<void>;
}

/**
 * Listens on the port of the settings, and answers 503 until it is told what to serve.
 * @throws PlatformError `port-taken`.
 */
export async function listenFront(settings: Settings): Promise<Front> {
  let ready: Express | null = null;
  const front = express().disable('x-powered-by');
  front.use((req, res, next) => {
    if (ready !== null) ready(req, res, next);
    else
      sendProblem(res, {
        status: 503,
        code: 'starting',
        detail: 'The platform is starting.',
        retryAfter: 1,
      });
  });
  const listening = await listen(front, portOf(settings, 'port'));
  return {
    port: listening.port,
    serve(platform) {
      ready = platform;
    },
    behindGateway: (platform) => platform,
    close: (graceMs) => listening.close(graceMs),
  };
}

const PORTS = {
  port: { what: 'platform', variable: 'PLATFORM_PORT' },
  gatewayPort: { what: 'gateway', variable: 'GATEWAY_PORT' },
} as const;

export function portOf(settings: Settings, name: keyof typeof PORTS): ListenOptions {
  const { host, fixedPorts = [] } = settings;
  const { what, variable } = PORTS[name];
  return { host, port: settings[name], fixed: fixedPorts.includes(variable), what, variable };
}
