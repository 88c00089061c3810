/** What of a package.json is read here. */
export interface PackageJson {
  readonly [field: string]: unknown;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Fields that only a checkout needs. */
const DROPPED = ['devDependencies', 'scripts', 'files', 'allowScripts', 'overrides', 'imports', 'platform'];

/**
 * Packages that a workspace installs itself, because its tools, web apps and configuration name them. gulp and plop are
 * among them: package and workspace share one instance.
 */
const OF_WORKSPACE =
  /^(?:@angular(?:-devkit)?\/.*|angular-eslint|@?eslint(?:\/js)?|typescript-eslint|gulp|plop|yo|mocha|chai|rxjs|tslib)$/;

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

/**
 * The package.json of the published package: JavaScript where that of the repository names TypeScript, and what a
 * workspace installs itself as optional peers, with the versions that the platform is tested with.
 */
export function publishedPackageJson(source: PackageJson): PackageJson & Published {
  const kept = Object.fromEntries(Object.entries(source).filter(([name]) => !DROPPED.includes(name)));
  const own = Object.entries(source.dependencies).filter(([name]) => name !== source['name']);
  const peers = [...own, ...Object.entries(source.devDependencies)].filter(([name]) =>
    OF_WORKSPACE.test(name),
  );
  const peerDependencies = Object.fromEntries(peers.sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...kept,
    bin: Object.fromEntries(
      Object.entries(source.bin).map(([name, file]) => [name, file.replace(/\.ts$/, '.js')]),
    ),
    exports: EXPORTS,
    dependencies: Object.fromEntries(own.filter(([name]) => !(name in peerDependencies))),
    devDependencies: {},
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(peerDependencies).map((name) => [name, { optional: true }]),
    ),
  };
}

interface Published {
  readonly exports: typeof EXPORTS;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: true }>>;
}
