import path from 'node:path';
import type { Finding } from '../../../contracts/plan.ts';
import { listedFolders } from '../../../inspection/index.ts';
import { PROVENANCE_FILE, provenanceText } from '../../core/provenance.ts';
import { adaptedFinding } from '../adapt-imports.ts';
import type { AppRequest } from '../app-request.ts';
import { belowTool } from '../below-tool.ts';
import { planPackages } from '../npm/plan-packages.ts';
import { readEarlierOutput } from '../earlier-output.ts';
import { carry, programsAmong } from './carry.ts';
import { inspectBackend } from './inspect-backend.ts';
import { layoutOf, type ServiceLayout } from './layout.ts';
import { HOST_PATHS, renderService, type ServiceData } from './render-service.ts';
import { servicePackages } from './service-packages.ts';
import { typeChecksOf } from './type-checks.ts';

export interface ServiceRequest extends AppRequest {
  /** Base image of the service's Dockerfile. */
  readonly nodeImage: string;
}

export interface GeneratedService {
  /** Content of every file of the service, by path below `apps/<id>-api/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Paths in `files` that are carried over: the tool's own files and the repository code they import. */
  readonly carried: readonly string[];
  readonly layout: ServiceLayout;
  /** Output of an earlier export to be replaced; `null` when there is none, or none that may be replaced. */
  readonly before: {
    readonly files: Readonly<Record<string, string>>;
    readonly executable?: readonly string[];
  } | null;
  /** Paths in `files` of programs. */
  readonly executable: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Generates the service around a tool's backend. Writes nothing; the same sources give the same bytes.
 * @throws TemplateError when a template cannot be rendered.
 */
export async function generateService(request: ServiceRequest): Promise<GeneratedService> {
  const { root, manifest, names, servicePort, commit, nodeImage } = request;
  const { graph, running, lock, findings } = await inspectBackend(request);
  const { dependencies, devDependencies } = servicePackages(graph, running, lock);
  const inTool = (file: string): string => path.posix.relative(names.toolFolder, file);
  const own = graph.own.map(inTool);
  const listed = listedFolders(graph, running)
    .filter((folder) => folder.startsWith(names.toolFolder))
    .map(inTool);
  const layout = layoutOf({ toolId: manifest.id, own, listed, hostFiles: HOST_PATHS });
  const { carried, adapted, executable } = await carry(request, graph, layout);
  const npm = await planPackages({
    root,
    step: 'backend',
    app: names.api,
    runtime: request.runtime ?? 'local',
    lock,
    project: {
      name: names.api,
      version: manifest.version,
      dependencies,
      devDependencies,
      engines: { node: '>=24.3' },
    },
    edges: graph.edges,
  });
  const host = await renderService({
    root,
    manifest,
    names,
    servicePort,
    commit,
    nodeImage,
    dependencies,
    devDependencies,
    overrides: npm.overrides,
    installScripts: Object.values(npm.lock?.packages ?? {}).some(
      (one) => one['hasInstallScript'] === true && !one['dev'],
    ),
    typeChecks: typeChecksOf(root),
    layout,
    ...(request.formatted === undefined ? {} : { formatted: request.formatted }),
    ...toolParts(own, layout),
  });
  const generated = { ...host, ...npm.files, ...carried };
  const provenance = provenanceText({ tool: manifest.id, version: manifest.version, commit }, generated);
  const output = await readEarlierOutput({
    root,
    files: request.files,
    folder: names.apiFolder,
    step: 'backend',
    generated: { ...generated, [PROVENANCE_FILE]: provenance },
    keepEdits: request.keepEdits ?? false,
  });
  const paths = Object.keys(carried);
  return {
    files: output.files,
    carried: paths.filter((file) => file in output.files).sort(),
    layout,
    executable: executable.filter((file) => file in output.files),
    before: output.before && {
      files: output.before,
      executable: await programsAmong(path.join(root, names.apiFolder), Object.keys(output.before)),
    },
    findings: [
      ...findings,
      ...npm.findings,
      ...output.findings,
      ...adapted.map(adaptedFinding('backend', 'the service')),
      ...(layout.nested ? [belowTool('backend', names.toolFolder, names.apiFolder)] : []),
    ],
  };
}

/** The tool's migrations, and the folders it has beside its code. */
function toolParts(
  own: readonly string[],
  { nested }: ServiceLayout,
): Pick<ServiceData, 'migrations' | 'hasDatabaseFolder' | 'hasManifest' | 'hasTests'> {
  const below = (folder: string): string[] => own.filter((file) => file.startsWith(`${folder}/`));
  return {
    migrations: below('database/migrations')
      .map((file) => path.posix.basename(file))
      .filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql')),
    hasDatabaseFolder: below('database').length > 0 && !nested,
    hasManifest: own.includes('manifest.json') && !nested,
    hasTests: { unit: below('tests/unit').length > 0, integration: below('tests/integration').length > 0 },
  };
}
