import type { RequestHandler } from 'express';
import type { Settings } from '../../../contracts/settings.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { createGateway } from '../gateway/gateway.ts';
import { listen, type ListenOptions } from './listen.ts';
import { startNginxGateway } from '../gateway/nginx-gateway.ts';
import type { RouteTable } from '../gateway/route-table.ts';

export interface OpenGatewayOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly routes: RouteTable;
  /** Answers everything but the web apps of exported tools, without nginx. */
  readonly platform: RequestHandler;
  readonly logger: ToolLogger;
  readonly port: ListenOptions;
  /** Whether services see no cookies at all; default: all but those of the platform. */
  readonly hidesCookies?: boolean;
}

export interface Gateway {
  readonly kind: 'nginx' | 'facade';
  /** Why the gateway does not answer; `null` when it does. */
  problem(): string | null;
  close(graceMs: number): Promise<void>;
}

/**
 * Opens the gateway on its port: nginx, or the platform itself without nginx.
 * @throws PlatformError when the port is in use, or nginx is required and cannot serve.
 */
export async function openGateway(options: OpenGatewayOptions): Promise<Gateway> {
  const { root, settings, routes, platform, logger, port, hidesCookies = false } = options;
  const nginx = await startNginxGateway({
    root,
    settings,
    platformPort: settings.port,
    gatewayPort: port.port,
    hidesCookies,
    log: (line) => {
      logger.warn({}, line);
    },
  });
  if (nginx !== null) return { kind: 'nginx', problem: () => nginx.problem(), close: () => nginx.stop() };
  const listening = await listen(createGateway({ root, routes, platform, logger }), {
    ...port,
    fixed: true, // other parts already use this port
  });
  return { kind: 'facade', problem: () => null, close: (graceMs) => listening.close(graceMs) };
}
