import path from 'node:path';
import { Router, type Request, type RequestHandler } from 'express';
import type { Pool } from 'pg';
import { COMMON_PREFIX, isCommonAddress } from '../contracts/platform-addresses.ts';
import type { Settings } from '../contracts/settings.ts';
import { authenticate, DEVELOPER, type Verifier } from './auth/authenticate.ts';
import type { KeyStore } from './auth/keys.ts';
import { callerOf } from './auth/principal.ts';
import { createVerifier } from './auth/verifier.ts';
import { startHousekeeping } from './housekeeping.ts';
import { guardRequests } from '../contracts/host/guard-requests.ts';
import { requireSameSite } from '../contracts/host/same-site.ts';
import { createLimiters, DEFAULT_LIMITS, type Limiters, type Limits } from './http/limits.ts';
import { mountOperations } from './http/mount.ts';
import type { Operation } from './http/operation.ts';
import { noJobRunner, type JobRunner } from './job-runner.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { measureReturnStreams } from './return-stream-metrics.ts';
import { repeat } from './repeat.ts';
import { Notifications } from './notifications.ts';
import { openApiDocument } from './openapi/document.ts';
import { problemHandler } from './problem.ts';
import { docsOperations } from './routes/docs/index.ts';
import { jobOperations } from './routes/jobs/index.ts';
import { systemOperations } from './routes/system/index.ts';
import type { Readiness, SystemServices } from './routes/system/services.ts';
import { toolOperations } from './routes/tools/index.ts';
import { webhookOperations } from './routes/webhooks/index.ts';
import type { RegistryServices } from './services.ts';
import { createReturnStreams, type ReturnStreams } from './store/return-streams.ts';
import { watchJobs } from './store/watch-jobs.ts';
import { Totals } from './store/totals.ts';
import { startDeliverer } from './webhooks/deliver.ts';
import { createDestinations } from './webhooks/destinations.ts';
import { postTo } from './webhooks/post.ts';
import { webhookSecrets, type SecretOf } from './webhooks/signature.ts';

export interface RegistryOptions {
  /** Pool on a migrated database; the caller opens and closes it. See `store/pool.ts`. */
  readonly pool: Pool;
  /** Address of the same database, for the connection that listens. */
  readonly databaseUrl: string;
  readonly settings: Settings;
  /** The keys of the platform's tokens. See `auth/keys.ts`. */
  readonly keys: KeyStore;
  /** Shown by `/health`. */
  readonly version?: string;
  /** Reports not ready once the host begins to stop. */
  readonly readiness?: Readiness;
  readonly jobRunner?: JobRunner;
  /** Absolute path; default: the state folder of the settings, relative to the working directory. */
  readonly stateDir?: string;
  readonly webhooks?: { readonly firstPauseSeconds: number };
  readonly limits?: Limits;
  /** Pass one to share it with the routes of the host. */
  readonly metrics?: Metrics;
  /** Receives internal errors, for the log of the host; `requestId` when the error belongs to a request. */
  readonly onFault?: (error: unknown, requestId?: string) => void;
}

export interface RegistryApp {
  /**
   * All routes of the registry, with problem+json for their errors. Mount it at the root, before the routers of
   * the tools: requests for other addresses pass through.
   */
  readonly router: Router;
  readonly notifications: Notifications;
  /** Checks bearer tokens; the routes of the host use it with `auth/authenticate.ts`. */
  readonly verify: Verifier;
  /** The ways back of tools that were exported live. */
  readonly returnStreams: ReturnStreams;
  /** Limits for the routes of the host, behind the router. */
  readonly limiters: Limiters;
  /** Ends event streams and the listening connection. */
  close(): Promise<void>;
}

/** The age of a lag is as exact as this. */
const READ_STREAMS_MS = 10_000;

export function createRegistryApp(options: RegistryOptions): RegistryApp {
  const onFault = options.onFault ?? (() => undefined);
  const notifications = new Notifications(options.databaseUrl, onFault);
  const services: RegistryServices = {
    pool: options.pool,
    settings: options.settings,
    jobRunner: options.jobRunner ?? noJobRunner,
    totals: new Totals(),
    notifications,
    streams: new Set(),
    onFault,
  };
  notifications.on('tool_changed', () => services.totals.clear());
  notifications.on('reconnected', () => services.totals.clear());
  notifications.start();
  const secretOf = webhookSecrets(options.stateDir ?? path.resolve(options.settings.stateDir));
  const deliverer = startDeliverer({
    pool: options.pool,
    notifications,
    secretOf,
    post: postTo(createDestinations(options.settings.webhookNetworks ?? [])),
    onFault,
    ...options.webhooks,
  });
  const stopWatching = watchJobs(options.pool, onFault);
  const stopHousekeeping = startHousekeeping(options.pool, onFault);
  const returnStreams = createReturnStreams(options.pool);
  const stopReading = repeat(READ_STREAMS_MS, () => returnStreams.read(), onFault);
  const metrics = options.metrics ?? createMetrics(options.pool);
  measureReturnStreams(metrics.registry, returnStreams);
  const version = options.version ?? '0.0.0';
  const system: SystemServices = {
    metrics,
    pool: options.pool,
    keys: options.keys,
    version,
    readiness: options.readiness ?? (() => ({ ready: true })),
  };
  const limiters = createLimiters(options.limits ?? DEFAULT_LIMITS);
  const operations = operationsOf(services, system, secretOf);
  const verify = createVerifier({ jwks: options.keys.jwks, oidcIssuer: options.settings.oidcIssuer });
  return {
    router: buildRouter(options, { verify, metrics, operations, limiters }),
    notifications,
    verify,
    returnStreams,
    limiters,
    async close() {
      stopWatching();
      stopReading();
      stopHousekeeping();
      await deliverer.stop();
      for (const end of services.streams) end();
      await notifications.close();
    },
  };
}

/** Every operation, in the order in which addresses are matched. The OpenAPI document lists its own operation too. */
export function operationsOf(
  services: RegistryServices,
  system: SystemServices,
  secretOf: SecretOf,
): readonly Operation[] {
  const operations: readonly Operation[] = [
    ...jobOperations(services),
    ...toolOperations(services),
    ...webhookOperations(services, secretOf),
    ...systemOperations(system),
    ...docsOperations(() => document),
  ];
  const document = openApiDocument(operations, system.version);
  return operations;
}

interface RouterParts {
  readonly verify: Verifier;
  readonly metrics: Metrics;
  readonly operations: readonly Operation[];
  readonly limiters: Limiters;
}

function buildRouter(options: RegistryOptions, parts: RouterParts): Router {
  const { verify, metrics, operations, limiters } = parts;
  const { mode, port, webPort, gatewayPort } = options.settings;
  const router = Router({ caseSensitive: true });
  router.use(metrics.measure);
  router.use(guardRequests());
  const ports = [port, webPort, gatewayPort];
  router.use(authenticate({ mode, verify, ports }));
  router.use(requireSameSite({ ports, anonymousOnLoopback: true, isSignedIn }));
  mountOperations(router, operations, { pool: options.pool, limiters });
  router.use(problemHandler((error, requestId) => options.onFault?.(error, requestId)));
  return Router({ caseSensitive: true }).use(COMMON_PREFIX, onlyCommon(router)).use(router);
}

/** By a session: neither anonymous nor the developer of this machine. */
function isSignedIn(request: Request): boolean {
  const { principal } = callerOf(request);
  return principal !== null && principal !== DEVELOPER;
}

/** The routes whose names other applications have, too. */
const onlyCommon =
  (router: Router): RequestHandler =>
  (request, response, next) =>
    isCommonAddress(request.path) ? router(request, response, next) : next();
