import {
  lockedSpec,
  lockedVersion,
  packagesOf,
  typesPackage,
  type ImportGraph,
  type PackageLock,
} from '../../../inspection/index.ts';

/** Runtime imports of the generated host code. */
export const HOST_PACKAGES = ['express', 'jose', 'pg', 'pino', 'pino-http', 'prom-client'] as const;

/** Packages that build, lint and test the service. `node` provides the Node version that runs them. */
export const TOOLCHAIN_PACKAGES = [
  '@eslint/js',
  '@types/chai',
  '@types/express',
  '@types/mocha',
  '@types/node',
  '@types/pg',
  'chai',
  'eslint',
  'mocha',
  'node',
  'typescript',
  'typescript-eslint',
] as const;

export interface ServicePackages {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/**
 * Divides packages into imports of running code, and packages that only types, tests and the toolchain need.
 * Versions are those of the lock.
 *
 * @param running files of the graph that run in the service; tests are not among them
 */
export function servicePackages(
  graph: ImportGraph,
  running: ReadonlySet<string>,
  lock: PackageLock,
): ServicePackages {
  const ofService = packagesOf(graph.edges.filter((edge) => running.has(edge.file)));
  const needed = new Set<string>(HOST_PACKAGES);
  for (const use of ofService) if (use.runtime) needed.add(use.name);
  const forWork = new Set<string>(TOOLCHAIN_PACKAGES);
  for (const use of graph.packages) forWork.add(use.name);
  for (const name of [...needed, ...forWork]) {
    const types = typesPackage(name);
    if (lockedVersion(lock, types) !== null) forWork.add(types);
  }
  for (const name of needed) forWork.delete(name);
  return {
    dependencies: versions(needed, lock),
    devDependencies: versions(forWork, lock),
  };
}

function versions(names: ReadonlySet<string>, lock: PackageLock): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const spec = lockedSpec(lock, name);
    if (spec !== null) found[name] = spec;
  }
  return found;
}
