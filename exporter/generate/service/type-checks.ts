import path from 'node:path';
import { ts } from 'ts-morph';

/** Checks that generated code passes, by name of the compiler's option. */
const CHECKS = [
  'strict',
  'noUncheckedIndexedAccess',
  'noImplicitOverride',
  'noFallthroughCasesInSwitch',
] as const;

/** Parts of `strict` that a repository may switch off. */
const PARTS = [
  'noImplicitAny',
  'noImplicitThis',
  'strictBindCallApply',
  'strictBuiltinIteratorReturn',
  'strictFunctionTypes',
  'strictNullChecks',
  'strictPropertyInitialization',
  'useUnknownInCatchVariables',
  'alwaysStrict',
] as const;

/**
 * The compiler's checks for a service: those that the repository has too, so that code which is valid in the monolith is
 * valid in its service. Without a tsconfig.json all are on.
 */
export function typeChecksOf(root: string): Readonly<Record<string, boolean>> {
  const file = path.join(root, 'tsconfig.json');
  if (!ts.sys.fileExists(file)) return Object.fromEntries(CHECKS.map((check) => [check, true]));
  const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as { config?: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  return Object.fromEntries([
    ...CHECKS.map((check) => [check, options[check] === true] as const),
    ...PARTS.filter((part) => options[part] === false).map((part) => [part, false] as const),
  ]);
}
