import { lockedVersion, typesPackage } from '../source/package-lock.ts';
import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/** Finds packages whose version is not in the lock file. */
export const checkPackages: CodeCheck = ({ graph, lock }) =>
  graph.edges.flatMap(({ file, line, target, kind }) => {
    if (target.kind !== 'package') return [];
    const entry = lock.packages[`node_modules/${target.name}`];
    if (entry?.link === true)
      return [
        backendError({
          code: 'code-package-missing',
          file,
          line,
          message: `The package ${target.name} is a link into this repository and cannot be installed elsewhere.`,
          remedy: 'Import the file by its alias (#contracts/..., #shared/...) instead.',
        }),
      ];
    if (entry !== undefined) return [];
    // Packages such as `express-serve-static-core` exist only as types
    if (kind === 'type' && lockedVersion(lock, typesPackage(target.name)) !== null) return [];
    return [
      backendError({
        code: 'code-package-missing',
        file,
        line,
        message: `The package ${target.name} is not in package-lock.json, so its version is unknown.`,
        remedy: `Run npm install ${target.name} in the repository and commit package.json and package-lock.json.`,
      }),
    ];
  });
