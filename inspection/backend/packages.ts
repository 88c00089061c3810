import type { ImportEdge } from '../source/import-graph.ts';
import { linkedPackage } from '../source/linked-package.ts';
import { lockedVersion, typesPackage, type PackageLock } from '../source/package-lock.ts';
import { backendError, backendInfo } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/** Finds packages whose version is not in the lock file, and lists those that only a text names. */
export const checkPackages: CodeCheck = ({ graph, running, lock }) => {
  const imported = new Set(
    graph.edges.flatMap(({ file, target, kind }) =>
      target.kind === 'package' && kind !== 'named' && kind !== 'type' && running.has(file)
        ? [target.name]
        : [],
    ),
  );
  return graph.edges.flatMap((edge) => {
    const { file, line, target, kind } = edge;
    if (target.kind !== 'package') return [];
    const { name } = target;
    const problem = problemOf(edge, name, lock);
    if (problem !== null) return [backendError({ code: 'code-package-missing', file, line, ...problem })];
    if (kind !== 'named' || imported.has(name)) return [];
    return [
      backendInfo({
        code: 'code-named-package',
        file,
        line,
        message: `${edge.loader ?? 'A package'} loads the package ${name} by this text: the service depends on it`,
        remedy: '',
      }),
    ];
  });
};

function problemOf(
  { kind, loader }: ImportEdge,
  name: string,
  lock: PackageLock,
): { readonly message: string; readonly remedy: string } | null {
  const entry = lock.packages[`node_modules/${name}`];
  if (entry?.link === true) return linkedPackage(name, entry);
  if (entry !== undefined) return null;
  // Packages such as `express-serve-static-core` exist only as types
  if (kind === 'type' && lockedVersion(lock, typesPackage(name)) !== null) return null;
  const by = kind === 'named' ? `, which ${loader ?? 'a package'} loads by this text,` : '';
  return {
    message: `The package ${name}${by} is not in package-lock.json, so its version is unknown.`,
    remedy: `Run npm install ${name} in the repository and commit package.json and package-lock.json.`,
  };
}
