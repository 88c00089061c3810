import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Project, ts, type SourceFile } from 'ts-morph';
import { forgetNodes } from './nodes.ts';
import { importsOf, type ComputedImport, type ImportUse } from './imports.ts';
import { createResolver, type ImportTarget, type Locate, type Resolver } from './resolve-import.ts';

export interface ImportEdge extends ImportUse {
  /** Repository-relative, POSIX separators, as everywhere below. */
  readonly file: string;
  readonly target: ImportTarget;
}

export interface PackageUse {
  readonly name: string;
  /** `false` when only types are imported. */
  readonly runtime: boolean;
  /** Files that import it, sorted. */
  readonly files: readonly string[];
}

/** Files and packages that part of a tool reaches, through type-only imports, re-exports and barrels as well. */
export interface ImportGraph {
  /** The tool's own files, as given. */
  readonly own: readonly string[];
  /** Other files of the repository that they reach, transitively. */
  readonly carried: readonly string[];
  readonly packages: readonly PackageUse[];
  readonly edges: readonly ImportEdge[];
  readonly computed: readonly (ComputedImport & { readonly file: string })[];
  /** The modules among `own` and `carried`, parsed. */
  readonly sources: ReadonlyMap<string, SourceFile>;
}

export interface GraphRequest {
  readonly root: string;
  /** The tool's own files, modules or not, sorted. */
  readonly own: readonly string[];
  /** Further start files, such as imports of the generated host code. They count as carried. */
  readonly also?: readonly string[];
  /** Its path aliases apply; default `tsconfig.json`. */
  readonly tsconfig?: string;
  /** Where files lie that are not below `root`; default: all are. */
  readonly located?: Locate;
  /**
   * Whether to follow imports into a file that is not the tool's own; default: always. A file that is not entered
   * is still the target of an edge.
   */
  readonly enter?: (file: string) => boolean;
  /** Frees the nodes of each file once its imports are read, for sources of many files. */
  readonly lean?: boolean;
}

const MODULE = /\.(?:[cm]?ts|tsx|[cm]?js|jsx)$/;

/** Parses the files; checks no types and opens no package. */
export function readImportGraph(request: GraphRequest): ImportGraph {
  const { root, own, enter = () => true } = request;
  const located = request.located ?? ((file) => path.join(root, file));
  const resolve = createResolver(root, request.tsconfig ?? 'tsconfig.json', located);
  const project = createProject(root, resolve);
  const edges: ImportEdge[] = [];
  const computed: (ComputedImport & { file: string })[] = [];
  const sources = new Map<string, SourceFile>();
  const isOwn = new Set(own);
  const seen = new Set(own);
  const queue = [...own];
  const reach = (file: string): void => {
    if (!seen.has(file)) queue.push(file);
    seen.add(file);
  };
  for (const file of request.also ?? []) reach(file);
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (!MODULE.test(file)) continue;
    const source = project.createSourceFile(path.join(root, file), readFileSync(located(file), 'utf8'), {
      overwrite: true,
    });
    sources.set(file, source);
    const found = importsOf(source);
    if (request.lean === true) forgetNodes(source);
    for (const one of found.computed) computed.push({ ...one, file });
    for (const use of found.uses) {
      const target = resolve(file, use.specifier);
      edges.push({ ...use, file, target });
      if (target.kind === 'file' && (isOwn.has(target.path) || enter(target.path))) reach(target.path);
    }
  }
  const carried = [...seen].filter((file) => !isOwn.has(file)).sort();
  return { own, carried, packages: packagesOf(edges), edges, computed, sources };
}

/**
 * A project of the added files only: no lib, no node_modules, no tsconfig. Symbols resolve across the repository's
 * files; those of packages do not.
 */
function createProject(root: string, resolve: Resolver): Project {
  const resolveModuleNames = (names: string[], containingFile: string): (ts.ResolvedModule | undefined)[] =>
    names.map((name) => {
      const target = resolve(path.relative(root, containingFile).split(path.sep).join('/'), name);
      if (target.kind !== 'file' || !MODULE.test(target.path)) return undefined;
      return { resolvedFileName: path.join(root, target.path) };
    });
  return new Project({
    resolutionHost: () => ({ resolveModuleNames }),
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    compilerOptions: {
      noLib: true,
      strict: true, // without it a member that only its constructor sets has no type
      types: [],
      allowJs: true,
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowImportingTsExtensions: true,
      noEmit: true,
    },
  });
}

/** The packages that these imports name, sorted by name. */
export function packagesOf(edges: readonly ImportEdge[]): readonly PackageUse[] {
  const found = new Map<string, { runtime: boolean; files: Set<string> }>();
  for (const { target, kind, file } of edges) {
    if (target.kind !== 'package') continue;
    const use = found.get(target.name) ?? { runtime: false, files: new Set<string>() };
    use.runtime ||= kind !== 'type';
    use.files.add(file);
    found.set(target.name, use);
  }
  return [...found]
    .map(([name, { runtime, files }]) => ({ name, runtime, files: [...files].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
