import path from 'node:path';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Settings } from '../../../contracts/settings.ts';
import { freePort, listen, type Listening, type ListenOptions } from './listen.ts';
import { endStaleNginx } from '../gateway/nginx-gateway.ts';
import { openGateway, type Gateway } from './open-gateway.ts';
import { refuseSecondPlatform, removeRunFile, writeRunFile } from './run-file.ts';
import { openServices, type Services } from './services.ts';
import { sendProblem } from '../host/tool-errors.ts';

export interface PlatformOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
  readonly logger: Logger;
  /** The environment, for the variables that tools declare. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether to build and serve the dashboard. */
  readonly web: boolean;
}

export interface Platform extends Services {
  readonly port: number;
  readonly gatewayPort: number;
  readonly gateway: 'nginx' | 'facade';
}

/** How long requests in flight may take when the platform stops. */
const GRACE_MS = 5_000;

/**
 * Starts the platform: database, registry, tools, dashboard, gateway. Resolves when it answers.
 * @throws PlatformError when a requested port is in use, the database does not answer, or the platform is already
 * running.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { root, logger } = options;
  const stateDir = path.resolve(root, options.settings.stateDir);
  await refuseSecondPlatform(stateDir);

  const opened: (() => Promise<void>)[] = [];
  let beginStop = (): void => undefined;
  const close = async (): Promise<void> => {
    beginStop();
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    // Reserves ports first: a conflict is reported before any work, and all parts know their addresses.
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
    const listening: Listening = await listen(front, portOf(options.settings, 'port'));
    opened.push(() => listening.close(GRACE_MS));
    await endStaleNginx(path.join(stateDir, 'gateway'));
    const gatewayPort = await freePort(portOf(options.settings, 'gatewayPort'));
    const settings = { ...options.settings, port: listening.port, gatewayPort };

    let gateway: Gateway | null = null;
    const services = await openServices({
      ...options,
      settings,
      stateDir,
      gatewayProblem: () => gateway?.problem() ?? null,
    });
    opened.unshift(() => services.close()); // last, because requests in flight need its pools
    beginStop = () => {
      services.beginStop();
    };
    await services.start();
    ready = services.app;

    const opening = await openGateway({
      root,
      settings,
      services,
      logger,
      port: portOf(settings, 'gatewayPort'),
    });
    gateway = opening;
    opened.push(() => opening.close(GRACE_MS));

    const { host, port } = settings;
    const startedAt = new Date().toISOString();
    await writeRunFile(stateDir, {
      pid: process.pid,
      host,
      port,
      gatewayPort,
      gateway: opening.kind,
      mode: settings.mode,
      startedAt,
    });
    opened.push(() => removeRunFile(stateDir));
    return { ...services, port, gatewayPort, gateway: opening.kind, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const PORTS = {
  port: { what: 'platform', variable: 'PLATFORM_PORT' },
  gatewayPort: { what: 'gateway', variable: 'GATEWAY_PORT' },
} as const;

function portOf(settings: Settings, name: keyof typeof PORTS): ListenOptions {
  const { host, fixedPorts = [] } = settings;
  const { what, variable } = PORTS[name];
  return { host, port: settings[name], fixed: fixedPorts.includes(variable), what, variable };
}
