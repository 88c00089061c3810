import path from 'node:path';
import { createEmbeddedFront } from './platform/embedded-front.ts';
import { createEmbeddedRouter, type HostHandler } from './platform/embedded-router.ts';
import { parseEmbedOptions, type EmbedOptions } from './platform/embed-options.ts';
import { createOwnAddresses } from './platform/own-addresses.ts';
import { openBehind } from './platform/platform.ts';
import { issuersOf } from './platform/services.ts';

export type { EmbedOptions, HostLogger } from './platform/embed-options.ts';
export type { HostHandler } from './platform/embedded-router.ts';
export type { HostUser } from './platform/host-user.ts';

/** The platform as a part of an application. */
export interface EmbeddedPlatform {
  /**
   * Mount it at the root of the application, before body parsers: `app.use(platform.router)`. Requests that the platform does
   * not serve reach the next handler as they came.
   */
  readonly router: HostHandler;
  /** Where the application must listen. */
  readonly port: number;
  readonly gatewayPort: number;
  /**
   * Ends event streams, finishes other requests within 5 seconds, and stops tools and gateway. The embedded PostgreSQL keeps
   * running, as after every command. Safe to call twice.
   */
  close(): Promise<void>;
}

/**
 * Opens the platform for an Express application: database, registry, tools, dashboard, gateway. Installs no handlers in the
 * process, and writes to the logger only.
 *
 * @throws PlatformError when an option is not valid, the gateway's port is in use, the database does not answer, or the
 * platform of the workspace is already running; SettingsError when the environment is not valid. Nothing is left open.
 */
export async function openPlatform(options: EmbedOptions): Promise<EmbeddedPlatform> {
  const { root, settings, env, logger, authenticate } = parseEmbedOptions(options);
  const front = createEmbeddedFront({ port: settings.port, logger });
  const web = settings.web === 'auto';
  const identifiesCallers = authenticate !== undefined;
  const platform = await openBehind(() => front, {
    root,
    settings,
    logger,
    env,
    web,
    application: { identifiesCallers, trusts: front.trusts },
  });
  const isOwn = createOwnAddresses({
    root,
    routes: platform.routes,
    webDir: web ? path.resolve(root, settings.stateDir, 'web') : null,
    signsIn: !identifiesCallers,
  });
  const { port, gatewayPort } = platform;
  return {
    router: createEmbeddedRouter({ front, isOwn, authenticate, issuers: issuersOf(settings), logger }),
    port,
    gatewayPort,
    close: () => platform.close(),
  };
}
