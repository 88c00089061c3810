import path from 'node:path';
import { PlatformError } from '../../contracts/errors.ts';
import { namesOf, type ToolNames } from '../../contracts/naming.ts';
import type { Finding, Runtime } from '../../contracts/plan.ts';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../contracts/tokens.ts';
import { getTool } from '../../registry-api/store/tools.ts';
import { readBackendFacts } from '../generate/service/read-backend-facts.ts';
import { readInfrastructureFacts } from '../steps/infrastructure/read-infrastructure-facts.ts';
import { readGitState } from '../adapters/git/git.ts';
import { createGatewayPort } from '../adapters/nginx/gateway.ts';
import { readDatabaseFacts } from '../steps/database/read-database-facts.ts';
import { withoutExportsAtWork } from './preflight/exports-at-work.ts';
import { findPlatform } from './preflight/platform.ts';
import { readManifest } from './preflight/read-manifest.ts';
import { preflightFactsOf } from './preflight/read-preflight.ts';
import { findServicePort, reservePort } from './preflight/service-port.ts';
import { chooseRuntime } from './preflight/runtime.ts';
import { readFrontendFacts } from '../generate/web-app/read-frontend-facts.ts';
import { RefusedError } from '../core/failures.ts';
import type { ExportRequest, Facts } from '../core/facts.ts';
import { must, type Run } from './run.ts';

/**
 * Reads everything the plan follows from. Changes nothing.
 * @throws RefusedError when what all else depends on is missing: the manifest, the registration, the engine asked for.
 */
export async function readFacts(run: Run, request: ExportRequest): Promise<Facts> {
  const { root, settings, databaseUrl } = run;
  const session = must(run.session, 'the session').client;
  const [{ manifest, findings }, git] = await Promise.all([
    readManifest(root, request.toolId),
    readGitState(root),
  ]);
  const dirty = await withoutExportsAtWork(session, request.toolId, git.dirty);
  if (manifest === null)
    throw new RefusedError(
      findings[0]?.code === 'tool-not-found' ? 'tool-not-found' : 'manifest-invalid',
      findings,
    );
  const names = namesOf(manifest.id);
  const tool = await getTool(session, manifest.id).catch((error: unknown) => {
    throw new RefusedError('tool-not-found', [unregistered(error, manifest.id)]);
  });
  const { runtime, findings: runtimeFindings } = await chooseRuntime({
    asked: request.runtime,
    images: settings.images,
  });
  const port = await findServicePort({
    session,
    host: settings.host,
    asked: request.port,
    from: settings.servicePortFrom,
    reserve: !request.dryRun,
  });
  const platform = await findPlatform(root, settings);
  const commit = git.commit ?? '';
  const common = { root, settings, manifest, names, servicePort: port.port, commit };
  // Before the compiler: it holds the event loop for seconds, in which a server that has answered long ago seems silent
  const database = await readDatabaseFacts({
    sourceUrl: must(databaseUrl, 'the database'),
    tables: manifest.databaseSchema.tables,
    names,
    severIncoming: request.severIncoming,
  });
  const infrastructure = await readInfrastructureFacts({
    ...common,
    replicas: request.replicas,
    runtime,
    platformUrl: platform?.url ?? null,
    gatewayPort: platform?.gatewayPort ?? settings.gatewayPort,
    gateway: createGatewayPort({ root, settings }),
    reservePort: (wanted) => reservePort(session, wanted, { lookOnly: request.dryRun }),
  });
  const [backend, frontend] = await Promise.all([
    readBackendFacts({ ...common, nodeImage: settings.images.node, keepEdits: request.keepEdits }),
    readFrontendFacts({ ...common, keepEdits: request.keepEdits }),
  ]);
  return {
    request,
    settings: withoutSecrets(run),
    manifest,
    names,
    tool: tool.tool,
    runtime,
    cutover: 'fenced',
    servicePort: port.port,
    serviceDatabase: serviceDatabase(run, names, must(databaseUrl, 'the database')),
    preflight: preflightFactsOf({
      names,
      allowDirty: request.allowDirty,
      portFree: port.free,
      git: { ...git, dirty },
      placed: [...backend.carried, ...frontend.carried],
      platformUrl: platform?.url ?? null,
      findings: runtimeFindings,
    }),
    backend,
    frontend,
    database,
    infrastructure: {
      ...infrastructure,
      platformKeys: { ...infrastructure.platformKeys, ...keysOf(runtime, platform?.url ?? null) },
    },
  };
}

/** The source's own address holds a password: it is no fact that a plan could follow from. */
function withoutSecrets(run: Run): Facts['settings'] {
  return { ...run.settings, databaseUrl: null };
}

function serviceDatabase(run: Run, names: ToolNames, sourceUrl: string): Facts['serviceDatabase'] {
  const source = new URL(sourceUrl);
  const url = new URL(`postgresql://${source.hostname}:${source.port || '5432'}/${names.database}`);
  url.username = names.runtimeRole;
  url.search = source.search;
  return {
    url: url.href,
    passwordFile: path.resolve(run.root, run.settings.stateDir, 'secrets', names.secrets.runtime),
  };
}

/** Whose tokens the service accepts (local runtime): those of the platform that runs. */
function keysOf(runtime: Runtime, platformUrl: string | null): Readonly<Record<string, string>> {
  if (runtime === 'docker' || platformUrl === null) return {};
  return {
    PLATFORM_SERVICE_URL: platformUrl,
    PLATFORM_JWKS_URL: `${platformUrl}/.well-known/jwks.json`,
    PLATFORM_ISSUER: TOKEN_ISSUER,
    PLATFORM_AUDIENCE: TOKEN_AUDIENCE,
  };
}

function unregistered(error: unknown, toolId: string): Finding {
  if (!(error instanceof PlatformError) || error.code !== 'tool-not-found') throw error;
  return {
    code: 'tool-not-found',
    severity: 'error',
    step: 'preflight',
    message: `${toolId} is not registered`,
    remedy: `Register it: npx gulp register --tool-id=${toolId}`,
  };
}
