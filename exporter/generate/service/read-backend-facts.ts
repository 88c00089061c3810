import path from 'node:path';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import type { BackendFacts } from '../../steps/backend/facts.ts';
import { adaptImports, type AdaptedImport } from '../adapt-imports.ts';
import { cutLock } from '../cut-lock.ts';
import type { ImportEdge, ImportGraph } from '../../../inspection/index.ts';
import type { FilesPort } from '../../core/ports.ts';
import { readEarlierOutput } from '../earlier-output.ts';
import { inspectBackend } from './inspect-backend.ts';
import { servicePath } from './layout.ts';
import { PROVENANCE_FILE, provenanceText } from '../../core/provenance.ts';
import { readTexts } from '../read-texts.ts';
import { HOST_PATHS, renderService } from './render-service.ts';
import { servicePackages } from './service-packages.ts';

export interface BackendRequest {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly files: Pick<FilesPort, 'list'>;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  readonly servicePort: number;
  /** Full id of the commit that is exported. */
  readonly commit: string;
  /** Base image of the service's Dockerfile. */
  readonly nodeImage: string;
  /** Merge what was edited by hand in an earlier export's output. */
  readonly keepEdits?: boolean;
}

/** Reads the tool's backend and all that it reaches, and renders the service around it. Writes nothing. */
export async function readBackendFacts(request: BackendRequest): Promise<BackendFacts> {
  const { root, manifest, names, commit } = request;
  const { graph, running, lock, findings } = await inspectBackend(request);
  const packages = servicePackages(graph, running, lock);
  const { carried, adapted } = await carry(root, graph, manifest.id);
  const project = { name: names.api, version: manifest.version, ...pick(packages) };
  const cut = cutLock(lock, { ...project, engines: { node: '>=24' } });
  const inFolder = (folder: string): string[] =>
    graph.own.filter((file) => file.startsWith(`${names.toolFolder}/${folder}/`));
  const host = await renderService({
    ...request,
    ...pick(packages),
    installScripts: Object.values(cut.packages).some(
      (one) => one['hasInstallScript'] === true && !one['dev'],
    ),
    migrations: inFolder('database/migrations')
      .map((file) => path.posix.basename(file))
      .filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql')),
    hasDatabaseFolder: inFolder('database').length > 0,
    hasTests: {
      unit: inFolder('tests/unit').length > 0,
      integration: inFolder('tests/integration').length > 0,
    },
    assets: Object.keys(carried)
      .filter((file) => file.startsWith('src/') && !/\.[cm]?tsx?$/.test(file))
      .map((file) => file.slice('src/'.length)),
  });
  const generated = { ...host, 'package-lock.json': `${JSON.stringify(cut, null, 2)}\n` };
  const provenance = provenanceText(
    { tool: manifest.id, version: manifest.version, commit },
    { ...generated, ...carried },
  );
  const output = await readEarlierOutput({
    root,
    files: request.files,
    folder: names.apiFolder,
    step: 'backend',
    generated: { ...generated, ...carried, [PROVENANCE_FILE]: provenance },
    keepEdits: request.keepEdits ?? false,
  });
  return {
    files: output.files,
    carried: Object.keys(carried)
      .filter((file) => file in output.files)
      .sort(),
    before: output.before,
    findings: [
      ...findings,
      ...output.findings,
      ...adapted.map(adaptedFinding),
      ...Object.keys(carried)
        .filter((file) => HOST_PATHS.has(file))
        .map((file) => collision(file, names)),
    ],
  };
}

const pick = <T extends { dependencies: unknown; devDependencies: unknown }>({
  dependencies,
  devDependencies,
}: T): Pick<T, 'dependencies' | 'devDependencies'> => ({ dependencies, devDependencies });

/** Contents of the tool's files and of what it shares, by their path in the service. */
async function carry(
  root: string,
  graph: ImportGraph,
  toolId: string,
): Promise<{ carried: Record<string, string>; adapted: AdaptedImport[] }> {
  const place = (file: string): string => servicePath(file, toolId);
  const texts = await readTexts(root, [...graph.own, ...graph.carried]);
  const byFile = Map.groupBy(graph.edges, (edge) => edge.file);
  const carried: Record<string, string> = {};
  const adapted: AdaptedImport[] = [];
  for (const [file, text] of Object.entries(texts)) {
    const aliasHolds = (specifier: string, edge: ImportEdge): boolean => aliasStays(specifier, edge, toolId);
    const result = adaptImports({ file, text, edges: byFile.get(file) ?? [], place, aliasHolds });
    carried[place(file)] = result.text;
    adapted.push(...result.adapted);
  }
  return { carried, adapted };
}

/** The aliases that the service's own package.json has. tsc cannot emit `#tools/...`, so that one is for tests. */
function aliasStays(specifier: string, edge: ImportEdge, toolId: string): boolean {
  if (/^#(contracts|shared)\/[^.]+$/.test(specifier)) return true;
  const backend = specifier.startsWith(`#tools/${toolId}/backend/`) && specifier.endsWith('.ts');
  return backend && edge.file.startsWith(`tools/${toolId}/tests/`);
}

const adaptedFinding = ({ file, line, from, to }: AdaptedImport): Finding => ({
  code: 'import-adapted',
  severity: 'info',
  step: 'backend',
  file,
  line,
  message: `Import '${from}' becomes '${to}' in the service`,
  remedy: '',
});

const collision = (file: string, names: ToolNames): Finding => ({
  code: 'code-file-collision',
  severity: 'error',
  step: 'backend',
  file: file.startsWith('src/')
    ? `${names.toolFolder}/backend/${file.slice(4)}`
    : `${names.toolFolder}/${file}`,
  message: `The export generates ${names.apiFolder}/${file}, and the tool has a file for the same place.`,
  remedy: 'Rename the file of the tool.',
});
