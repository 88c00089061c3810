import path from 'node:path';
import { SyntaxKind, type SourceFile } from 'ts-morph';
import { knownText, type ImportGraph } from '../../../inspection/index.ts';

/**
 * Files in the bundle: the entry files and the files they reach, workers included. Type imports do not count, nor do
 * files that no bundled file imports, such as test doubles.
 */
export function bundledFiles(graph: ImportGraph, starts: readonly string[]): ReadonlySet<string> {
  const byFile = Map.groupBy(graph.edges, (edge) => edge.file);
  const bundled = new Set(starts);
  // The loop also visits files added to the set while it runs
  for (const file of bundled) {
    for (const { target, kind } of byFile.get(file) ?? [])
      if (target.kind === 'file' && kind !== 'type') bundled.add(target.path);
    const source = graph.sources.get(file);
    for (const worker of source === undefined ? [] : workersOf(file, source))
      if (graph.sources.has(worker)) bundled.add(worker);
  }
  return bundled;
}

/** `new URL('./sums.worker.ts', import.meta.url)`: the builder bundles workers that are started this way. */
function workersOf(file: string, source: SourceFile): readonly string[] {
  return source.getDescendantsOfKind(SyntaxKind.NewExpression).flatMap((node) => {
    const [first, base] = node.getArguments();
    if (first === undefined || base?.getText() !== 'import.meta.url') return [];
    const text = knownText(first);
    return text === null ? [] : [path.posix.join(path.posix.dirname(file), text)];
  });
}
