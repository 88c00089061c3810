import path from 'node:path';
import type { Settings } from '../../../contracts/settings.ts';
import { endStaleNginx } from '../gateway/nginx-gateway.ts';
import { listenFront, portOf, type Front } from './front.ts';
import { freePort } from './listen.ts';
import type { PlatformLogger } from './logger.ts';
import { openGateway, type Gateway } from './open-gateway.ts';
import { refuseSecondPlatform, removeRunFile, writeRunFile } from './run-file.ts';
import type { HostApplication } from './host-application.ts';
import { openServices, type Services } from './services.ts';

export interface PlatformOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
  readonly logger: PlatformLogger;
  /** The environment, for the variables that tools declare, and for the commands that run jobs. */
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
 * Starts the platform on its own port: database, registry, tools, dashboard, gateway. Resolves when it answers.
 * @throws PlatformError when a requested port is in use, the database does not answer, or the platform is already
 * running.
 */
export const startPlatform = (options: PlatformOptions): Promise<Platform> =>
  // Reserves the port first: a conflict is reported before any work
  openBehind(() => listenFront(options.settings), options);

export interface OpenBehindOptions extends PlatformOptions {
  /** The application that the platform is part of. */
  readonly application?: HostApplication;
}

/**
 * Opens the platform behind its front. Closes the front, too.
 * @throws PlatformError as {@link startPlatform}; everything that was opened is closed then.
 */
export async function openBehind(
  openFront: () => Front | Promise<Front>,
  options: OpenBehindOptions,
): Promise<Platform> {
  const { root, logger } = options;
  const stateDir = path.resolve(root, options.settings.stateDir);
  await refuseSecondPlatform(stateDir);

  const opened: (() => Promise<void>)[] = [];
  let beginStop = (): void => undefined;
  let closing: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    beginStop();
    for (const close of opened.splice(0).reverse()) await close();
  };
  const close = (): Promise<void> => (closing ??= end());
  try {
    const front = await openFront();
    opened.push(() => front.close(GRACE_MS));
    await endStaleNginx(path.join(stateDir, 'gateway'));
    const gatewayPort = await freePort(portOf(options.settings, 'gatewayPort'));
    const settings = { ...options.settings, port: front.port, gatewayPort };

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
    front.serve(services.app);

    const opening = await openGateway({
      root,
      settings,
      routes: services.routes,
      platform: front.behindGateway(services.app),
      logger,
      port: portOf(settings, 'gatewayPort'),
      hidesCookies: options.application?.identifiesCallers ?? false,
    });
    gateway = opening;
    opened.push(() => opening.close(GRACE_MS));

    const { host, port, mode } = settings;
    await writeRunFile(stateDir, {
      pid: process.pid,
      host,
      port,
      gatewayPort,
      gateway: opening.kind,
      mode,
      startedAt: new Date().toISOString(),
      database:
        options.settings.databaseUrl === null ? null : withoutCredentials(options.settings.databaseUrl),
    });
    opened.push(() => removeRunFile(stateDir));
    return { ...services, port, gatewayPort, gateway: opening.kind, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Server and name of a database, to be shown. */
function withoutCredentials(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}
