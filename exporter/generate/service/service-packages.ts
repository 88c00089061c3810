import {
  lockedVersion,
  packagesOf,
  typesPackage,
  type ImportGraph,
  type PackageLock,
} from '../../../inspection/index.ts';

/** What the generated host code imports when it runs. */
export const HOST_PACKAGES = ['express', 'jose', 'pg', 'pino', 'pino-http', 'prom-client'] as const;

/** What building, linting and testing the service takes. `node` brings the Node that runs all of it. */
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
 * Sorts packages by who needs them: what running code imports, against what only types, tests and tools do. Versions are those of the lock.
 *
 * @param running files of the graph that run in the service, as opposed to its tests
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
    const version = lockedVersion(lock, name);
    if (version !== null) found[name] = version;
  }
  return found;
}
