import path from 'node:path';
import { tableNames } from '../../../contracts/declared-tables.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import { namesOf, type ToolNames } from '../../../contracts/naming.ts';
import type { Finding, Runtime } from '../../../contracts/plan.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { tokenEnvironment } from '../../../contracts/tokens.ts';
import { getTool } from '../../../registry-api/store/tools.ts';
import { createFilesPort } from '../../adapters/files/files.ts';
import { readGitState } from '../../adapters/git/git.ts';
import {
  findPlatformContainer,
  mayHaveEngine,
  type PlatformContainer,
} from '../../adapters/docker/platform-container.ts';
import { findPlatform } from '../../adapters/platform/find-platform.ts';
import { startTool, type ToolState } from '../../adapters/platform/tool-states.ts';
import { withoutExportsAtWork } from '../../adapters/registry/exports-at-work.ts';
import { findServicePort, reservePort } from '../../adapters/registry/service-port.ts';
import type { ExportRequest, SharedFacts, SourceTables } from '../../core/facts.ts';
import type { RunningPlatform } from '../../core/ports.ts';
import { RefusedError } from '../../core/failures.ts';
import type { Connected } from '../../engine/states.ts';
import { readDatabaseFacts } from '../../steps/database/read-database-facts.ts';
import { readCutoverLimits, type LiveCopy } from '../../steps/database/read-live-limits.ts';
import { chooseCutover, type CutoverChoice } from './choose-cutover.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { linkFindings } from './link-findings.ts';
import { readInfrastructure } from './read-infrastructure.ts';
import { readManifest } from './read-manifest.ts';

/**
 * Reads the facts that every step uses. Changes nothing.
 * @throws RefusedError when the manifest, the registration or the requested engine is missing: all else needs them.
 */
export async function readSharedFacts(run: Connected, request: ExportRequest): Promise<SharedFacts> {
  const { root, databaseUrl } = run;
  const platform = await findPlatform(root, run.settings);
  const container = await containerOf(run, platform);
  // The service checks tokens as the platform does, whatever the shell of the export says
  const settings = { ...run.settings, mode: platform?.mode ?? container?.mode ?? run.settings.mode };
  const session = run.session.client;
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
  const { tool } = await getTool(session, manifest.id).catch((error: unknown) => {
    throw new RefusedError('tool-not-found', [unregistered(error, manifest.id)]);
  });
  const toolFiles = await createFilesPort(root, path.resolve(root, settings.stateDir)).list(names.toolFolder);
  const links = await linkFindings(root, names, toolFiles);
  if (links.some(({ severity }) => severity === 'error')) throw new RefusedError('code-link', links);
  const {
    runtime,
    digests,
    findings: runtimeFindings,
  } = await chooseRuntime({
    requested: request.runtime,
    images: settings.images,
  });
  if (container !== null && runtime === 'local')
    throw new RefusedError('platform-in-container', [...runtimeFindings, UNREACHABLE_PROCESS]);
  const port = await findServicePort({
    session,
    requested: request.port,
    from: settings.servicePortFrom,
    reserve: !request.dryRun,
  });
  const platformUrl = platform?.url ?? null;
  const infrastructure = await readInfrastructure({
    root,
    settings,
    toolId: manifest.id,
    names,
    servicePort: port.port,
    replicas: request.replicas,
    runtime,
    digests,
    platformUrl,
    gatewayPort: platform?.gatewayPort ?? settings.gatewayPort,
    reservePort: (wanted) => reservePort(session, wanted, { lookOnly: request.dryRun }),
  });
  const database = await readDatabaseFacts({
    sourceUrl: databaseUrl,
    tables: tableNames(manifest.databaseSchema.tables),
    names,
    severIncoming: request.severIncoming,
  });
  const { cutover, findings: cutoverFindings } = await chooseFor(request, database, {
    sourceUrl: databaseUrl,
    ownServer: runtime === 'docker',
    sourceInContainer: infrastructure.platformInContainer === true,
    declared: tableNames(manifest.databaseSchema.tables).length,
  });
  return {
    request,
    database: { ...database, findings: [...database.findings, ...cutoverFindings] },
    // The platform's database URL holds a password, which must not reach a plan
    settings: { ...settings, databaseUrl: null },
    manifest,
    names,
    tool,
    runtime,
    cutover,
    servicePort: port.port,
    serviceDatabase: serviceDatabase(run, names, databaseUrl),
    preflight: {
      findings: [
        ...links,
        ...runtimeFindings,
        ...modeFindings(run.settings.mode, settings.mode),
        ...(platform === null
          ? []
          : toolFindings(manifest.id, await startTool(platform.url, manifest.id, settings))),
      ],
      commit: git.commit ?? '',
      dirty,
      portFree: port.free,
      platformUrl,
    },
    infrastructure: {
      ...infrastructure,
      platformKeys: { ...infrastructure.platformKeys, ...keysOf(runtime, platformUrl, manifest.id) },
    },
  };
}

async function chooseFor(
  { cutover: requested, shadow }: ExportRequest,
  { extraction: plan }: SourceTables,
  { declared, ...place }: Omit<LiveCopy, 'plan'> & { readonly declared: number },
): Promise<CutoverChoice> {
  // tables that could not be read refuse the export for reasons of their own
  const tables = plan?.tables.length ?? declared;
  const limits =
    plan === null || tables === 0 || requested === 'fenced'
      ? []
      : await readCutoverLimits({ ...place, plan });
  return chooseCutover({ requested, shadow: shadow !== null, tables, limits });
}

/** The platform as a container; `null` when it is a process, or no engine answers. */
async function containerOf(
  { root, settings }: Connected,
  platform: RunningPlatform | null,
): Promise<PlatformContainer | null> {
  const recordsItself = platform !== null && platform.mode !== null; // as processes of this machine do
  if (recordsItself || settings.databaseUrl === null || !mayHaveEngine(process.env)) return null;
  return findPlatformContainer(root);
}

const UNREACHABLE_PROCESS: Finding = {
  code: 'platform-in-container',
  severity: 'error',
  step: 'preflight',
  message:
    'The platform runs in containers, from which it cannot reach a service that is a process on this machine',
  remedy: 'Export into containers: --runtime=docker',
};

function serviceDatabase(
  { root, settings }: Connected,
  names: ToolNames,
  sourceUrl: string,
): SharedFacts['serviceDatabase'] {
  const source = new URL(sourceUrl);
  const url = new URL(`postgresql://${source.hostname}:${source.port || '5432'}/${names.database}`);
  url.username = names.runtimeRole;
  url.search = source.search;
  return {
    url: url.href,
    passwordFile: path.resolve(root, settings.stateDir, 'secrets', names.secrets.runtime),
  };
}

/** Refuses a tool that does not run where it is. `null`: the platform does not say. */
function toolFindings(toolId: ToolId, state: ToolState | null): readonly Finding[] {
  if (state === null)
    return [
      {
        code: 'tool-broken',
        severity: 'warning',
        step: 'preflight',
        message: `Not checked: whether ${toolId} runs in the monolith, because the platform gave no answer`,
        remedy: 'If it requires a token, set PLATFORM_TOKEN: npm run token -- --scope=exports:run',
      },
    ];
  if (state.problem === null) return [];
  return [
    {
      code: 'tool-broken',
      severity: 'error',
      step: 'preflight',
      message: `${toolId} does not run in the monolith. ${state.problem}`,
      remedy: `Correct it, and see that it runs with: npx gulp status --tool-id=${toolId}`,
    },
  ];
}

/** Refuses to export an open service for a shell that expects tokens to be required. */
function modeFindings(expected: Settings['mode'], actual: Settings['mode']): readonly Finding[] {
  if (expected !== 'production' || actual === 'production') return [];
  return [
    {
      code: 'mode-mismatch',
      severity: 'error',
      step: 'preflight',
      message:
        'This command runs in production mode, and the platform in development mode: the service would accept callers without a token',
      remedy: 'Start the platform with PLATFORM_MODE=production, or unset PLATFORM_MODE and NODE_ENV here.',
    },
  ];
}

/** The issuer whose tokens the service accepts (local runtime): the running platform. */
function keysOf(
  runtime: Runtime,
  platformUrl: string | null,
  toolId: ToolId,
): Readonly<Record<string, string>> {
  if (runtime === 'docker' || platformUrl === null) return {};
  return tokenEnvironment(platformUrl, toolId);
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
