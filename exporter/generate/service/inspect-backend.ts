import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import {
  checkBackend,
  lockedVersion,
  parsePackageLock,
  readImportGraph,
  withNamedPackages,
  type ImportGraph,
  type PackageLock,
} from '../../../inspection/index.ts';
import { carriedFile } from '../../../templating/roots.ts';
import type { FilesPort } from '../../core/ports.ts';
import { HOST_CONTRACTS } from './render-service.ts';

export interface BackendCode {
  readonly graph: ImportGraph;
  /** Files that run in the service; tests are not among them. */
  readonly running: ReadonlySet<string>;
  readonly lock: PackageLock;
  readonly findings: readonly Finding[];
}

/** Files of a tool that go into its service. Tests of the frontend would require Angular there. */
const OF_SERVICE = /^(backend\/|tests\/(?!frontend\/)|database\/|manifest\.json$)/;

/** Reads a tool's backend and the code it reaches, and finds problems outside the monolith. */
export async function inspectBackend(request: {
  readonly root: string;
  readonly files: Pick<FilesPort, 'list' | 'ignored'>;
  readonly manifest: Manifest;
  readonly names: ToolNames;
}): Promise<BackendCode> {
  const { root, manifest, names } = request;
  const files = await request.files.list(names.toolFolder);
  const imported = readImportGraph({
    root,
    own: files.filter((file) => OF_SERVICE.test(file)).map((file) => `${names.toolFolder}/${file}`),
    also: HOST_CONTRACTS,
    located: (file) => carriedFile(root, file),
    // Imports of another tool are findings; its files are not read
    enter: (file) => !file.startsWith('tools/') || file.startsWith(`${names.toolFolder}/`),
  });
  const lock = parsePackageLock(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const graph = withNamedPackages(imported, (name) => lockedVersion(lock, name) !== null);
  const ignored = await request.files.ignored();
  const running = runningFiles(graph, names.toolFolder);
  return {
    graph,
    running,
    lock,
    findings: await checkBackend({ root, manifest, names, graph, running, lock, ignored }),
  };
}

/** The backend's own files and the files they reach. */
function runningFiles(graph: ImportGraph, toolFolder: string): ReadonlySet<string> {
  const byFile = Map.groupBy(graph.edges, (edge) => edge.file);
  const backend = graph.own.filter((file) => file.startsWith(`${toolFolder}/backend/`));
  const queue: string[] = [...backend, ...HOST_CONTRACTS];
  const running = new Set(queue);
  for (let file = queue.pop(); file !== undefined; file = queue.pop())
    for (const { target } of byFile.get(file) ?? []) {
      if (target.kind !== 'file' || running.has(target.path)) continue;
      running.add(target.path);
      queue.push(target.path);
    }
  return running;
}
