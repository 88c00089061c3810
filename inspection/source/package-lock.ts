/** A package of package-lock.json (lockfileVersion 3). Only the named fields are read. */
export interface LockPackage {
  readonly version?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly [field: string]: unknown;
}

export interface PackageLock {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: number;
  readonly requires?: boolean;
  /** By folder: `''` is the project itself, `node_modules/a/node_modules/b` a nested package. */
  readonly packages: Readonly<Record<string, LockPackage>>;
}

/** The platform itself, which no exported app may depend on. */
const PLATFORM = 'node_modules/generator-platform';

/** Parses a package-lock.json. The platform counts as a link, however it was installed. */
export function parsePackageLock(text: string): PackageLock {
  const lock = JSON.parse(text) as PackageLock;
  return PLATFORM in lock.packages
    ? { ...lock, packages: { ...lock.packages, [PLATFORM]: { link: true } } }
    : lock;
}

/** Version of a package at the top level of `node_modules`; `null` when the lock has none, or only a link. */
export function lockedVersion(lock: PackageLock, name: string): string | null {
  const entry = lock.packages[`node_modules/${name}`];
  return entry?.link === true ? null : (entry?.version ?? null);
}

/**
 * What package.json must say to get the package of the lock: the exact version, `npm:name@version` for an alias, or the
 * address of a tarball. `null` as for {@link lockedVersion}.
 */
export function lockedSpec(lock: PackageLock, name: string): string | null {
  const version = lockedVersion(lock, name);
  const { name: realName, resolved } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === null) return null;
  if (/^https?:/.test(declaredSpec(lock, name) ?? '') && typeof resolved === 'string') return resolved;
  return typeof realName === 'string' && realName !== name ? `npm:${realName}@${version}` : version;
}

/** The package as the repository's own package.json declares it. */
function declaredSpec({ packages }: PackageLock, name: string): string | undefined {
  const { dependencies, devDependencies, optionalDependencies } = packages[''] ?? {};
  return dependencies?.[name] ?? devDependencies?.[name] ?? optionalDependencies?.[name];
}

/** `@scope/name` -> `@types/scope__name` (DefinitelyTyped's rule). */
export function typesPackage(name: string): string {
  return `@types/${name.replace(/^@/, '').replace('/', '__')}`;
}

/** Folder that `name` resolves to from `from`, as in Node: nearest `node_modules` first. */
export function resolveInLock(lock: PackageLock, from: string, name: string): string | null {
  for (let folder = from; ; folder = parentOf(folder)) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (candidate in lock.packages) return candidate;
    if (folder === '') return null;
  }
}

/** The parent of `node_modules/a/node_modules/b` is `node_modules/a`, whose parent is `''`. */
function parentOf(folder: string): string {
  const at = folder.lastIndexOf('/node_modules/');
  return at < 0 ? '' : folder.slice(0, at);
}
