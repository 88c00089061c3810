import { readAllRoutes } from '../routes/read-routes.ts';
import type { Place, Source } from './types.ts';

export interface Endpoint extends Place {
  readonly method: string;
  /** From the application's root, as far as the mounts can be read. */
  readonly path: string;
}

/** Every route of the application, at the place that defines it. */
export function readEndpoints({ graph, root }: Source): readonly Endpoint[] {
  const found = readAllRoutes([...graph.sources.values()]).map(({ method, path, node }) => ({
    method,
    path,
    file: node
      .getSourceFile()
      .getFilePath()
      .slice(root.length + 1),
    line: node.getStartLineNumber(),
  }));
  const unique = new Map(found.map((one) => [`${one.method} ${one.path} ${one.file}:${one.line}`, one]));
  return [...unique.values()];
}
