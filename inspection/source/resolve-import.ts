import { existsSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ts } from 'ts-morph';

/** Target of an import. Paths are relative to the repository, with POSIX separators. */
export type ImportTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'builtin' }
  /** Outside the repository: an absolute path, or too many `../`. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'unresolved' };

export type Resolver = (fromFile: string, specifier: string) => ImportTarget;

/**
 * Resolves as TypeScript does: relative paths with or without extension, folders with an index, `imports` of
 * package.json (`#contracts/x`) and the `paths` of the tsconfig. Packages are named, never opened.
 *
 * @param tsconfig repository-relative; its `paths` apply
 * @param located where the files lie that are named below `contracts/`
 */
export function createResolver(root: string, tsconfig: string, located: Locate): Resolver {
  const options = compilerOptions(root, tsconfig);
  const cache = ts.createModuleResolutionCache(root, (name) => name, options);
  const mapped = Object.keys(options.paths ?? {});
  return (fromFile, specifier) => {
    if (isBuiltin(specifier)) return { kind: 'builtin' };
    if (path.isAbsolute(specifier) || /^[a-z]+:/i.test(specifier)) return { kind: 'outside' };
    if (specifier.startsWith(CONTRACTS)) return contract(specifier.slice(1), located);
    const relative = /^\.\.?(\/|$)/.test(specifier);
    if (!relative && !specifier.startsWith('#') && !mapped.some((pattern) => matches(pattern, specifier)))
      return { kind: 'package', name: packageName(specifier) };
    const from = located(fromFile);
    const { resolvedModule } = ts.resolveModuleName(specifier, from, options, ts.sys, cache);
    const file =
      resolvedModule?.resolvedFileName ?? asset(relative ? path.resolve(from, '..', specifier) : null);
    if (file === null) return leaves(root, from, specifier) ? { kind: 'outside' } : { kind: 'unresolved' };
    if (file.includes('/node_modules/') && !relative)
      return { kind: 'package', name: packageName(specifier) };
    const base = fromFile.startsWith('contracts/') ? path.resolve(located('contracts/x'), '../..') : root;
    const inRepository = path.relative(base, file).split(path.sep).join('/');
    return inRepository.startsWith('../') ? { kind: 'outside' } : { kind: 'file', path: inRepository };
  };
}

/** Absolute path of a repository-relative file. */
export type Locate = (file: string) => string;

/** Alias of the platform's contracts in every workspace. */
const CONTRACTS = '#contracts/';

function contract(name: string, located: Locate): ImportTarget {
  const file = `${name}.ts`;
  return existsSync(located(file)) ? { kind: 'file', path: file } : { kind: 'unresolved' };
}

/** `@scope/name/part` -> `@scope/name`. */
export function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function compilerOptions(root: string, tsconfig: string): ts.CompilerOptions {
  const file = path.join(root, tsconfig);
  const base: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    noEmit: true,
  };
  if (!existsSync(file)) return base;
  const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as { config?: unknown };
  // An empty list of files keeps TypeScript from scanning the repository
  const settings = { ...(config as Record<string, unknown>), files: [], include: [] };
  const parsed = ts.parseJsonConfigFileContent(settings, ts.sys, path.dirname(file));
  const { paths, pathsBasePath } = parsed.options;
  return {
    ...base,
    ...(paths === undefined ? {} : { paths, pathsBasePath }),
  };
}

function matches(pattern: string, specifier: string): boolean {
  const [head = '', tail] = pattern.split('*');
  return tail === undefined ? pattern === specifier : specifier.startsWith(head) && specifier.endsWith(tail);
}

/** A file that is not a module: JSON, a template, a text. */
function asset(file: string | null): string | null {
  return file !== null && existsSync(file) && statSync(file).isFile() ? file : null;
}

function leaves(root: string, from: string, specifier: string): boolean {
  return (
    specifier.startsWith('.') && path.relative(root, path.resolve(from, '..', specifier)).startsWith('..')
  );
}
