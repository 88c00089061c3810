import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { checkCode } from '../../../inspection/backend/index.ts';
import { readImportGraph, type ImportGraph } from '../../../inspection/source/import-graph.ts';
import type { PackageLock } from '../../../inspection/source/package-lock.ts';
import { HOST_CONTRACTS } from './render-service.ts';

export interface BackendCode {
  readonly graph: ImportGraph;
  /** Files that run in the service, as opposed to its tests. */
  readonly running: ReadonlySet<string>;
  readonly lock: PackageLock;
  readonly findings: readonly Finding[];
}

/** Reads a tool's backend with all that it reaches, and finds what would not work outside the monolith. */
export async function inspectBackend(request: {
  readonly root: string;
  readonly manifest: Manifest;
  readonly names: ToolNames;
}): Promise<BackendCode> {
  const { root, names } = request;
  const parts = ['backend', ...(await testsOf(root, names)), 'database', 'manifest.json'];
  const graph = await readImportGraph({
    root,
    roots: parts.map((part) => `${names.toolFolder}/${part}`),
    also: HOST_CONTRACTS,
    // Another tool's code is named by its import and not looked into
    enter: (file) => !file.startsWith('tools/') || file.startsWith(`${names.toolFolder}/`),
  });
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as PackageLock;
  const running = runningFiles(graph, names.toolFolder);
  return { graph, running, lock, findings: await checkCode({ ...request, graph, running, lock }) };
}

/** The tests that go with the backend: those of the screens would want Angular in the service. */
async function testsOf(root: string, { toolFolder }: ToolNames): Promise<readonly string[]> {
  const names = await readdir(path.join(root, toolFolder, 'tests')).catch(() => []);
  return names.filter((name) => name !== 'frontend').map((name) => `tests/${name}`);
}

/** The backend's own files and all that they reach. */
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
