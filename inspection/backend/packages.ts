import { lockedVersion, typesPackage } from '../source/package-lock.ts';
import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/** Packages whose version the lock file does not tell. */
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
          message: `The package ${target.name} is this repository itself and cannot be installed elsewhere.`,
          remedy: 'Import the file by its alias (#contracts/..., #shared/...) instead.',
        }),
      ];
    if (entry !== undefined) return [];
    // `express-serve-static-core` and its like are types alone, and known by them
    if (kind === 'type' && lockedVersion(lock, typesPackage(target.name)) !== null) return [];
    return [
      backendError({
        code: 'code-package-missing',
        file,
        line,
        message: `The package ${target.name} is not in package-lock.json, so that no version of it is known.`,
        remedy: `Run npm install ${target.name} in the repository and commit package.json and package-lock.json.`,
      }),
    ];
  });
