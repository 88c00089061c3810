import { Project } from 'ts-morph';
import {
  importsOf,
  lockedSpec,
  lockedVersion,
  packageName,
  typesPackage,
  type ImportGraph,
  type ImportKind,
  type MissingPackage,
  type PackageLock,
} from '../../../inspection/index.ts';

type Versions = Readonly<Record<string, string>>;

/** Packages that build every web app; `node` is among them because Angular may need a newer version than the machine has. */
export const TOOLCHAIN = [
  '@angular/build',
  '@angular/cli',
  '@angular/compiler',
  '@angular/compiler-cli',
  '@eslint/js',
  'angular-eslint',
  'chokidar',
  'eslint',
  'node',
  'tslib',
  'typescript',
  'typescript-eslint',
];

export interface WebPackages {
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  /** Imported, but not in the lock file. */
  readonly missing: readonly MissingPackage[];
}

/**
 * Packages of the web app, at the versions of the repository's lock. Imports of bundled files are dependencies; the
 * toolchain, types and imports of other files are development dependencies.
 *
 * @param bundled files of the graph that are in the bundle; specs and unused files are not among them
 */
export function packagesOfWebApp(
  graph: ImportGraph,
  bundled: ReadonlySet<string>,
  host: Readonly<Record<string, string>>,
  styles: Readonly<Record<string, string>>,
  lock: PackageLock,
): WebPackages {
  const runtime = new Map<string, string>();
  const development = new Map<string, string>(TOOLCHAIN.map((name) => [name, 'package.json']));
  const use = (into: Map<string, string>, name: string, file: string): void => {
    if (!into.has(name)) into.set(name, file);
  };
  for (const { target, kind, file } of graph.edges)
    if (target.kind === 'package')
      use(
        kind === 'type' || !bundled.has(file) ? development : runtime,
        typesOrItself(target.name, kind, lock),
        file,
      );
  for (const [file, text] of Object.entries(host))
    for (const { name, typeOnly } of hostImports(file, text))
      use(typeOnly ? development : runtime, name, file);
  for (const [file, text] of Object.entries({ ...host, ...styles }))
    for (const name of stylePackages(file, text)) use(runtime, name, file);
  for (const name of runtime.keys()) {
    development.delete(name);
    const types = typesPackage(name);
    if (lockedVersion(lock, types) !== null) use(development, types, name);
  }
  const missing = [...runtime, ...development]
    .filter(([name]) => lockedVersion(lock, name) === null)
    .map(([name, file]) => {
      const entry = lock.packages[`node_modules/${name}`];
      return { name, file, ...(entry?.link === true ? { link: entry } : {}) };
    });
  return { dependencies: versions(runtime, lock), devDependencies: versions(development, lock), missing };
}

/** For a package that exists only as types, such as `geojson`, its types. */
function typesOrItself(name: string, kind: ImportKind, lock: PackageLock): string {
  const types = typesPackage(name);
  const known = lockedVersion(lock, name) !== null || kind !== 'type' || lockedVersion(lock, types) === null;
  return known ? name : types;
}

/** Packages that a style sheet loads: `@use '@angular/material' as mat`. */
function stylePackages(file: string, text: string): readonly string[] {
  if (!/\.(?:scss|sass|css|less)$/.test(file)) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  return [...code.matchAll(/@(?:use|forward|import)\s+['"]([^'"]+)['"]/g)]
    .map((match) => match[1] ?? '')
    .filter((specifier) => !/^(?:\.|\/|sass:|[a-z]+:\/\/)/.test(specifier))
    .map(packageName);
}

function hostImports(file: string, text: string): readonly { name: string; typeOnly: boolean }[] {
  if (!file.endsWith('.ts')) return [];
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  return importsOf(project.createSourceFile(file, text))
    .uses.filter(({ specifier }) => !/^[.#]/.test(specifier))
    .map(({ specifier, kind }) => ({ name: packageName(specifier), typeOnly: kind === 'type' }));
}

function versions(names: ReadonlyMap<string, string>, lock: PackageLock): Versions {
  return Object.fromEntries(
    [...names.keys()].sort().flatMap((name) => {
      const spec = lockedSpec(lock, name);
      return spec === null ? [] : [[name, spec] as const];
    }),
  );
}
