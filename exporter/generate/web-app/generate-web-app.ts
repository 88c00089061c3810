import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../../contracts/plan.ts';
import { carriedFile, webConfigOf } from '../../../templating/roots.ts';
import { adaptedFinding } from '../adapt-imports.ts';
import type { AppRequest } from '../app-request.ts';
import { belowTool } from '../below-tool.ts';
import { planPackages } from '../npm/plan-packages.ts';
import { readEarlierOutput } from '../earlier-output.ts';
import {
  checkFrontend,
  parsePackageLock,
  readImportGraph,
  type ImportEdge,
  type PackageLock,
} from '../../../inspection/index.ts';
import { PROVENANCE_FILE, provenanceText } from '../../core/provenance.ts';
import { bundledFiles } from './bundled-files.ts';
import { carriedFiles, carry, isOtherTool } from './carry.ts';
import { aliasesFor, webLayoutOf, type WebLayout } from './destination.ts';
import { renderPackage, renderWebApp } from './render-web-app.ts';
import { packagesOfWebApp, type WebPackages } from './web-packages.ts';
import { WEB_TEMPLATES } from './web-templates.ts';

export interface GeneratedWebApp {
  /** Content of every file of the web app, by path below `apps/<id>-web/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Paths in `files` that are carried over: the tool's own files and the repository code they import. */
  readonly carried: readonly string[];
  /** Place of the tool's frontend in the app. */
  readonly toolPlace: string;
  /** Paths in `files` that hold the address of the service. */
  readonly addresses: readonly string[];
  /** Output of an earlier export to be replaced; `null` when there is none, or none that may be replaced. */
  readonly before: Readonly<Record<string, string>> | null;
  readonly findings: readonly Finding[];
}

/** The generated `src/app/app.routes.ts` always imports it. */
const HOST_CONTRACT = 'contracts/tool-web.ts';

/**
 * Generates the web app around a tool's frontend. Writes nothing; the same sources give the same bytes.
 * @throws TemplateError when a template cannot be rendered.
 */
export async function generateWebApp(request: AppRequest): Promise<GeneratedWebApp> {
  const { root, manifest, names, commit } = request;
  const toolFiles = (await request.files.list('tools')).map((file) => `tools/${file}`);
  const graph = readImportGraph({
    root,
    own: toolFiles.filter((file) => file.startsWith(`${names.toolFolder}/frontend/`)),
    also: [HOST_CONTRACT],
    located: (file) => carriedFile(root, file),
    tsconfig: webConfigOf(root),
    enter: (file) => !isOtherTool(file, names),
  });
  const hostFiles = WEB_TEMPLATES.map(({ destination }) => destination);
  const layout = webLayoutOf(names, carriedFiles(graph, names), hostFiles);
  const { texts, placed, adapted } = await carry(request.files, graph, names, layout);
  const hasShared = graph.carried.some((file) => file.startsWith('shared/'));
  const host = await renderWebApp({ ...request, hasShared, toolPlace: layout.frontend });
  const lock = parsePackageLock(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const bundled = bundledFiles(graph, [`${names.toolFolder}/frontend/tool.routes.ts`, HOST_CONTRACT]);
  const packages = packagesOfWebApp(graph, bundled, host, placed, lock);
  const findings = await checkFrontend({
    root,
    names,
    manifest,
    graph,
    texts,
    missingPackages: packages.missing,
    toolFiles,
    ignored: await request.files.ignored(),
  });
  const npm = await packageFiles(request, packages, { lock, edges: graph.edges, layout });
  const files = { ...host, ...placed, ...npm.files };
  const provenance = provenanceText({ tool: manifest.id, version: manifest.version, commit }, files);
  const generated = { ...files, [PROVENANCE_FILE]: provenance };
  const folder = names.webFolder;
  const keepEdits = request.keepEdits === true;
  const earlier = await readEarlierOutput({
    root,
    files: request.files,
    folder,
    step: 'frontend',
    generated,
    keepEdits,
  });
  return {
    findings: [
      ...findings,
      ...npm.findings,
      ...(layout.frontend === 'src/app/' ? [] : [belowTool('frontend', names.toolFolder, names.webFolder)]),
      ...adapted.map(adaptedFinding('frontend', 'the web app')),
      ...earlier.findings,
    ],
    files: earlier.files,
    carried: Object.keys(placed).sort(),
    toolPlace: layout.frontend,
    addresses: WEB_TEMPLATES.filter(({ part }) => part === 'addresses').map((t) => t.destination),
    before: earlier.before,
  };
}

/** package.json, its lock file and `.npmrc`. The lock cannot be cut while a package is missing from the repository's. */
async function packageFiles(
  request: AppRequest,
  { dependencies, devDependencies, missing }: WebPackages,
  {
    lock,
    edges,
    layout,
  }: { readonly lock: PackageLock; readonly edges: readonly ImportEdge[]; readonly layout: WebLayout },
): Promise<{ readonly files: Readonly<Record<string, string>>; readonly findings: readonly Finding[] }> {
  const { root, manifest, names, runtime = 'local' } = request;
  const project = { name: names.web, version: manifest.version, dependencies, devDependencies };
  const npm = await planPackages({ root, step: 'frontend', app: names.web, runtime, lock, project, edges });
  const parts = { dependencies, devDependencies, imports: aliasesFor(layout), overrides: npm.overrides };
  const text = await renderPackage(request, parts);
  if (missing.length > 0) return { files: { 'package.json': text }, findings: [] };
  return { files: { 'package.json': text, ...npm.files }, findings: npm.findings };
}
