import path from 'node:path';
import { SyntaxKind, type SourceFile } from 'ts-morph';
import { knownText, type ImportGraph } from '../../../inspection/index.ts';

/**
 * The files that end in the bundle: what the host starts from, and all that this reaches, workers included. A type leaves
 * no trace in it, and a file of the tool that nothing imports, such as a fake for its specs, is checked and never served.
 */
export function bundledFiles(graph: ImportGraph, starts: readonly string[]): ReadonlySet<string> {
  const byFile = Map.groupBy(graph.edges, (edge) => edge.file);
  const bundled = new Set(starts);
  // A set is walked on as it grows
  for (const file of bundled) {
    for (const { target, kind } of byFile.get(file) ?? [])
      if (target.kind === 'file' && kind !== 'type') bundled.add(target.path);
    const source = graph.sources.get(file);
    for (const worker of source === undefined ? [] : workersOf(file, source))
      if (graph.sources.has(worker)) bundled.add(worker);
  }
  return bundled;
}

/** `new URL('./sums.worker.ts', import.meta.url)`: the builder bundles what a worker is started from. */
function workersOf(file: string, source: SourceFile): readonly string[] {
  return source.getDescendantsOfKind(SyntaxKind.NewExpression).flatMap((node) => {
    const [first, base] = node.getArguments();
    if (first === undefined || base?.getText() !== 'import.meta.url') return [];
    const text = knownText(first);
    return text === null ? [] : [path.posix.join(path.posix.dirname(file), text)];
  });
}
