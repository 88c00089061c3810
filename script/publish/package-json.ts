import { WORKSPACE_DEPENDENCIES, WORKSPACE_DEV_DEPENDENCIES } from '../../generators/app/packages.ts';

/** What of a package.json is read here. */
export interface PackageJson {
  readonly [field: string]: unknown;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Fields that only a checkout needs. */
const DROPPED = ['scripts', 'files', 'imports', 'platform'];

/** Packages of a workspace that the platform's own code runs without, or takes from the workspace: most of its size. */
const LEFT_TO_WORKSPACE = /^(?:@angular(?:-devkit)?\/.*|gulp|plop|yo|rxjs|tslib)$/;

/** Of these, package and workspace share one instance. */
const SHARED = ['gulp', 'plop'];

const entry = (file: string): object => ({ types: `./${file}.d.ts`, default: `./${file}.js` });

/** Everything that other packages may import. */
const EXPORTS = {
  '.': entry('contracts/index'),
  './client': entry('registry-api/client'),
  './contracts/*': entry('contracts/*'),
  './express': entry('monolith/server/express'),
  './gulp': entry('gulpfile'),
  './gulp/setup': entry('exporter/cli/gulp-setup'),
  './plop': entry('plopfile'),
  './package.json': './package.json',
};

interface Published extends PackageJson {
  readonly exports: typeof EXPORTS;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: true }>>;
}

/**
 * The package.json of the published package: JavaScript where that of the repository names TypeScript. Its
 * `devDependencies`, which npm installs in this repository only, name the packages of a workspace with the versions that the platform is
 * tested with; a new workspace takes them over.
 */
export function publishedPackageJson(source: PackageJson): Published {
  const kept = Object.fromEntries(Object.entries(source).filter(([name]) => !DROPPED.includes(name)));
  const ranges = { ...source.devDependencies, ...source.dependencies };
  const pick = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.toSorted().map((name) => [name, rangeOf(name, ranges)]));
  const own = Object.keys(source.dependencies).filter(
    (name) => name !== source['name'] && !LEFT_TO_WORKSPACE.test(name),
  );
  const ofWorkspace = [...WORKSPACE_DEPENDENCIES, ...WORKSPACE_DEV_DEPENDENCIES];
  return {
    ...kept,
    bin: Object.fromEntries(
      Object.entries(source.bin).map(([name, file]) => [name, file.replace(/\.ts$/, '.js')]),
    ),
    exports: EXPORTS,
    dependencies: pick(own),
    devDependencies: pick(ofWorkspace.filter((name) => !own.includes(name))),
    peerDependencies: pick(SHARED),
    peerDependenciesMeta: Object.fromEntries(SHARED.map((name) => [name, { optional: true }])),
  };
}

function rangeOf(name: string, ranges: Readonly<Record<string, string>>): string {
  const range = ranges[name];
  if (range === undefined)
    throw new Error(`package.json names no version of ${name}, which a workspace needs.`);
  return range;
}
