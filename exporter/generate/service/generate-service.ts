import path from 'node:path';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding, Runtime } from '../../../contracts/plan.ts';
import type { ImportGraph } from '../../../inspection/index.ts';
import type { FilesPort } from '../../core/ports.ts';
import { PROVENANCE_FILE, provenanceText } from '../../core/provenance.ts';
import { adaptedFinding } from '../adapt-imports.ts';
import { planPackages } from '../npm/plan-packages.ts';
import { readEarlierOutput } from '../earlier-output.ts';
import { carry } from './carry.ts';
import { inspectBackend } from './inspect-backend.ts';
import { HOST_PATHS, renderService, type ServiceData } from './render-service.ts';
import { servicePackages } from './service-packages.ts';

export interface ServiceRequest {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly files: Pick<FilesPort, 'list' | 'ignored'>;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  readonly servicePort: number;
  /** Full id of the exported commit. */
  readonly commit: string;
  /** Base image of the service's Dockerfile. */
  readonly nodeImage: string;
  /** Where the service will run; default: `local`. */
  readonly runtime?: Runtime;
  /** Merge manual edits of an earlier export's output instead of refusing. Default: refuse. */
  readonly keepEdits?: boolean;
}

export interface GeneratedService {
  /** Content of every file of the service, by path below `apps/<id>-api/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Paths in `files` that are carried over: the tool's own files and the repository code they import. */
  readonly carried: readonly string[];
  /** Output of an earlier export to be replaced; `null` when there is none, or none that may be replaced. */
  readonly before: Readonly<Record<string, string>> | null;
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
  const { carried, adapted } = await carry(root, graph, manifest.id);
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
      engines: { node: '>=24' },
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
    ...toolParts(graph, names),
    assets: Object.keys(carried)
      .filter((file) => file.startsWith('src/') && !/\.[cm]?tsx?$/.test(file))
      .map((file) => file.slice('src/'.length)),
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
    before: output.before,
    findings: [
      ...findings,
      ...npm.findings,
      ...output.findings,
      ...adapted.map(adaptedFinding('backend', 'the service')),
      ...paths.filter((file) => HOST_PATHS.has(file)).map((file) => collision(file, names)),
    ],
  };
}

/** The tool's migrations, and the folders it has beside its code. */
function toolParts(
  { own }: ImportGraph,
  { toolFolder }: ToolNames,
): Pick<ServiceData, 'migrations' | 'hasDatabaseFolder' | 'hasTests'> {
  const below = (folder: string): string[] =>
    own.filter((file) => file.startsWith(`${toolFolder}/${folder}/`));
  return {
    migrations: below('database/migrations')
      .map((file) => path.posix.basename(file))
      .filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql')),
    hasDatabaseFolder: below('database').length > 0,
    hasTests: { unit: below('tests/unit').length > 0, integration: below('tests/integration').length > 0 },
  };
}

const collision = (file: string, names: ToolNames): Finding => ({
  code: 'code-file-collision',
  severity: 'error',
  step: 'backend',
  file: file.startsWith('src/')
    ? `${names.toolFolder}/backend/${file.slice(4)}`
    : `${names.toolFolder}/${file}`,
  message: `The file would be placed at ${names.apiFolder}/${file}, which the export generates.`,
  remedy: 'Rename the file.',
});
