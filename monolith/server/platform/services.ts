import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Express } from 'express';
import { Router } from 'express';
import {
  DEFAULT_TOOL_IDLE_SECONDS,
  DEFAULT_TOOL_MEMORY_MB,
  type Settings,
} from '../../../contracts/settings.ts';
import { TOKEN_ISSUER } from '../../../contracts/tokens.ts';
import type { Principal } from '../../../contracts/tool-context.ts';
import { createRegistryApp } from '../../../registry-api/app.ts';
import { openKeys } from '../../../registry-api/auth/keys.ts';
import { createServiceTokens } from '../../../registry-api/auth/service-tokens.ts';
import { issueToken } from '../../../registry-api/auth/token.ts';
import { resolveDatabase } from '../../../registry-api/store/embedded/index.ts';
import { migrate, MIGRATIONS } from '../../../registry-api/store/migrate.ts';
import { createPool } from '../../../registry-api/store/pool.ts';
import { waitForDatabase } from '../../../registry-api/store/wait.ts';
import { toolIdProblem } from '../../../contracts/ids.ts';
import { packageOf } from '../../../templating/roots.ts';
import { dashboardApi } from '../dashboard/dashboard-api.ts';
import type { HostApplication } from './host-application.ts';
import { createJobRunner } from './job-runner.ts';
import type { PlatformLogger } from './logger.ts';
import { createPlatformApp } from './platform-app.ts';
import { registerMissing } from '../host/register-missing.ts';
import { registryWriter, type RegistryWriter } from './registry-writer.ts';
import { createHolds } from '../gateway/holds.ts';
import { recordShadow } from '../gateway/record-shadow.ts';
import { createShadows } from '../gateway/shadows.ts';
import { followRoutes, type RouteTable } from '../gateway/route-table.ts';
import { createServiceStates } from '../gateway/service-states.ts';
import type { OidcClient } from '../session/oidc.ts';
import { withoutAnyCookie, withoutPlatformCookies } from '../session/cookies.ts';
import { authorizationOf, createCredentials } from '../session/credentials.ts';
import { createHostSessions } from '../session/host-session.ts';
import { createSessions } from '../session/session.ts';
import { tokenRoutes } from '../session/token-routes.ts';
import { followToolAccess } from '../session/tool-access.ts';
import { rotateLogs } from './rotate-logs.ts';
import { supervise } from './supervise.ts';
import { restartCrashedDatabase } from './supervised-database.ts';
import { rollBackAbandonedExports } from './supervised-exports.ts';
import { watchServiceModes, type ServiceProblem } from './service-modes.ts';
import { superviseServices } from './supervised-services.ts';
import { createToolHost, type ToolHost } from '../host/tool-host.ts';
import { ensureWeb, type WebKeeper } from '../dashboard/web/keeper.ts';
import { serveWeb } from '../dashboard/web/serve.ts';

export interface ServicesOptions {
  readonly root: string;
  readonly stateDir: string;
  /** Settings with the actual ports. */
  readonly settings: Settings;
  readonly logger: PlatformLogger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly web: boolean;
  /** Why the gateway does not answer; `null` when it does. */
  readonly gatewayProblem: () => string | null;
  /** The application that the platform is part of; default: none. */
  readonly application?: HostApplication;
}

/** Everything behind the port of the platform. */
export interface Services {
  readonly app: Express;
  readonly host: ToolHost;
  readonly routes: RouteTable;
  readonly registry: RegistryWriter;
  /** Build of the dashboard; `null` when disabled. */
  readonly web: WebKeeper | null;
  /** Services that check tokens in another mode than the platform. */
  serviceProblems(): readonly ServiceProblem[];
  /** Sets up and registers the tools, and keeps services of exported tools and the embedded database running. */
  start(): Promise<void>;
  /** Makes `/readyz` answer 503 from now on, and ends event streams. */
  beginStop(): void;
  close(): Promise<void>;
}

/** Longest time in milliseconds that the start waits for the set-up of tools. */
const SET_UP_MS = 15_000;

export async function openServices(options: ServicesOptions): Promise<Services> {
  const { root, stateDir, settings, logger, env, application } = options;
  const hostIdentifies = application?.identifiesCallers === true;
  const [cookieFilter, cookies] = hostIdentifies
    ? ([withoutAnyCookie, 'none'] as const)
    : ([withoutPlatformCookies, 'own'] as const);
  const { url } = await waitForDatabase(() => resolveDatabase(settings, root), {
    onWait: ({ message }) => logger.warn({}, `Waiting for the database: ${message}`),
  });
  await migrate(url, MIGRATIONS);
  const onIdleError = (err: Error): void =>
    logger.warn({ err }, 'an idle connection to the database was lost');
  const pool = createPool(url, { onIdleError, applicationName: 'platform' });
  const keys = openKeys(stateDir);
  const logs = path.join(stateDir, 'logs');
  const jobRunner = createJobRunner({ root, logs, db: pool, logger, env });
  let stopping = false;
  let closing: Promise<void> | undefined;
  let warmingUp: Promise<void> | undefined;
  let supervision: ReturnType<typeof supervise> | undefined;
  const registry = createRegistryApp({
    pool,
    databaseUrl: url,
    settings,
    keys,
    stateDir,
    version: await versionOf(root),
    readiness: () => {
      const why = options.gatewayProblem();
      return why === null || stopping ? { ready: !stopping } : { ready: false, why };
    },
    jobRunner,
    onFault: (err, requestId) => logger.error({ err, requestId }, 'the registry failed'),
  });
  const { notifications, verify } = registry;

  const holds = createHolds(async (toolId) => {
    await pool
      .query('UPDATE tool_holds SET held_at = now() WHERE tool_id = $1 AND held_at IS NULL', [toolId])
      .catch(onIdleError);
  });
  const shadows = createShadows({
    authorizationFor: (request, toolId) => authorizationOf(credentials)(request, toolId),
    withoutCookies: cookieFilter,
    record: (toolId, report) => recordShadow(pool, toolId, report).catch(onIdleError),
  });
  const routes = await followRoutes({
    pool,
    notifications,
    logger,
    onHolds: (wanted) => holds.apply(wanted),
    onShadows: (wanted) => shadows.apply(wanted),
    onChange: (ids) => void Promise.all(ids.map((id) => host.sync(id))),
  });
  const tokens = createServiceTokens(keys);
  const access = followToolAccess(pool, notifications);
  const credentials = createCredentials({
    tokens,
    access,
    recordedAudience: (toolId) => routes.get(toolId)?.audience ?? undefined,
    issuers: issuersOf(settings),
    // A service in development mode would take the visitors of the application for the developer
    refusesAnonymous: settings.mode === 'development' && hostIdentifies,
  });
  const host: ToolHost = createToolHost({
    root,
    stateDir,
    url,
    env,
    secrets: path.join(stateDir, 'secrets'),
    showDetails: settings.mode === 'development',
    memoryMb: settings.toolMemory ?? DEFAULT_TOOL_MEMORY_MB,
    idleMs: (settings.toolIdle ?? DEFAULT_TOOL_IDLE_SECONDS) * 1_000,
    logger,
    authorizationFor: authorizationOf(credentials),
    cookies,
    loggerFor: (tool) => logger.child({ tool }),
    isExported: (toolId) => routes.get(toolId) !== undefined,
  });
  const exported = superviseServices({
    root,
    run: path.join(stateDir, 'run'),
    routes,
    logger,
    mode: settings.mode,
    port: settings.port,
    env,
  });
  const modes = watchServiceModes({ routes, mode: settings.mode, logger });
  const outDir = path.join(stateDir, 'web');
  const web = options.web ? ensureWeb({ root, outDir, log: logger }) : null;
  notifications.on('tool_changed', (payload) => {
    void host.sync(toolIdProblem(payload) === null ? payload : undefined);
    web?.refresh();
  });

  const writer = registryWriter(pool);
  const verifyToken = (token: string): Promise<Principal | null> => verify(token).catch(() => null);
  const sessions = hostIdentifies
    ? createHostSessions({ mode: settings.mode, verifyToken })
    : createSessions({
        mode: settings.mode,
        oidc: oidcClientOf(settings),
        issueToken: (claims) => issueToken(keys, claims),
        verifyToken,
      });
  const app = createPlatformApp({
    sessions,
    registry: registry.router,
    tokenRoutes: tokenRoutes({
      credentials,
      access,
      tokens,
      exportedPermissions: writer.exportedPermissions,
    }),
    credentials,
    routes,
    holds,
    shadows,
    tools: host.handler,
    limiters: registry.limiters,
    trustedProxies: settings.trustedProxies ?? [],
    cookieFilter,
    cookies,
    ...(application && { application }),
    web: Router()
      .use(
        dashboardApi({
          root,
          pool,
          limiters: registry.limiters,
          states: () => host.states(),
          start: (id) => host.sync(id),
          serviceStates: createServiceStates(routes),
          returnStreams: registry.returnStreams,
          env,
        }),
      )
      .use(web === null ? Router() : serveWeb({ outDir, keeper: web })),
    logger,
    showDetails: settings.mode === 'development',
  });

  return {
    app,
    host,
    routes,
    registry: writer,
    web,
    serviceProblems: () => modes.problems(),
    async start() {
      // A migration that hangs keeps its own tool waiting, and not the start
      await Promise.race([host.sync(), delay(SET_UP_MS, undefined, { ref: false })]);
      await registerMissing({ root, ...writer, logger });
      await Promise.all([exported.check(), modes.check()]);
      supervision = supervise(
        [
          () => restartCrashedDatabase({ root, settings, url, logger }),
          () => exported.check(),
          () => modes.check(),
          rollBackAbandonedExports({ pool, jobRunner, afterS: settings.rollbackAbandoned ?? null, logger }),
          () => rotateLogs(logs),
          () => rotateLogs(path.join(stateDir, 'gateway')),
        ],
        logger,
      );
      warmingUp = host.warmUp();
    },
    beginStop() {
      stopping = true;
      closing ??= registry.close();
    },
    async close() {
      await supervision?.close();
      routes.close();
      holds.close();
      shadows.close();
      await web?.close();
      await (closing ??= registry.close());
      await host.close();
      await warmingUp;
      await pool.end();
    },
  };
}

/** Issuers whose tokens the platform accepts. */
export const issuersOf = ({ oidcIssuer }: Pick<Settings, 'oidcIssuer'>): readonly string[] =>
  oidcIssuer === null ? [TOKEN_ISSUER] : [TOKEN_ISSUER, oidcIssuer];

/** Sign-in with an OpenID Connect provider, if configured. */
function oidcClientOf({ oidcIssuer, oidcClient }: Settings): OidcClient | null {
  if (oidcIssuer === null) return null;
  return {
    issuer: oidcIssuer,
    clientId: oidcClient?.id ?? 'generator-platform',
    clientSecret: oidcClient?.secret ?? null,
  };
}

/** The version of the platform. */
async function versionOf(root: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(packageOf(root), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
