import { PlatformError } from '../../contracts/errors.ts';
import { resolveInLock, type LockPackage, type PackageLock } from '../../inspection/index.ts';

export interface CutRequest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** Package name to exact version, as package.json has them. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
}

/** What npm notes on a package that not every install needs. */
const FLAGS = ['dev', 'optional', 'devOptional', 'peer', 'extraneous'];

interface Edge {
  readonly name: string;
  readonly kind: 'prod' | 'optional' | 'peer' | 'optional-peer';
}

/**
 * Cuts from the repository's lock the one of a smaller project: the closure of its dependencies at the very same
 * versions and in the same folders, so that every package finds what it found before. Nothing is resolved and
 * nothing is fetched. Packages for other platforms stay in, as npm keeps them.
 *
 * The same input gives the same output, byte for byte.
 * @throws PlatformError `step-failed` when the lock does not hold something that is needed.
 */
export function cutLock(rootLock: PackageLock, request: CutRequest): PackageLock {
  if (rootLock.lockfileVersion !== 3)
    throw new PlatformError(
      'step-failed',
      `package-lock.json: lockfileVersion is ${rootLock.lockfileVersion}, 3 is needed. Run npm install with npm 9 or newer.`,
    );
  const all = reach(rootLock, request, { dev: true, optional: true, peer: true });
  const without = {
    dev: reach(rootLock, request, { dev: false, optional: true, peer: true, among: all }),
    optional: reach(rootLock, request, { dev: true, optional: false, peer: true, among: all }),
    both: reach(rootLock, request, { dev: false, optional: false, peer: true, among: all }),
    peer: reach(rootLock, request, { dev: true, optional: true, peer: false, among: all }),
  };
  const packages: Record<string, LockPackage> = { '': rootEntry(request) };
  for (const folder of [...all].sort(byCodeUnit)) {
    const dev = !without.dev.has(folder);
    const optional = !without.optional.has(folder);
    packages[folder] = withFlags(rootLock.packages[folder] ?? {}, {
      dev,
      optional,
      devOptional: !dev && !optional && !without.both.has(folder),
      peer: !without.peer.has(folder),
    });
  }
  return { name: request.name, version: request.version, lockfileVersion: 3, requires: true, packages };
}

/** In the order in which npm writes fields, so that its next install leaves the file as it is. */
function withFlags(entry: LockPackage, flags: Readonly<Record<string, boolean>>): LockPackage {
  const kept = Object.entries(entry).filter(([field]) => !FLAGS.includes(field));
  const set = Object.entries(flags).filter(([, value]) => value);
  return Object.fromEntries([...kept, ...set].sort(byRank));
}

const FIRST = ['version', 'resolved', 'integrity', 'dependencies'];

/** Values before objects, npm's favourites before the others, and those by name. */
function byRank([a, one]: readonly [string, unknown], [b, other]: readonly [string, unknown]): number {
  const rank = (field: string, value: unknown): number => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const favourite = FIRST.indexOf(field);
    return (isObject ? 100 : 0) + (favourite < 0 ? FIRST.length : favourite);
  };
  return rank(a, one) - rank(b, other) || byCodeUnit(a, b);
}

function rootEntry(request: CutRequest): LockPackage {
  const { name, version, license, engines } = request;
  return {
    name,
    version,
    ...(license === undefined ? {} : { license }),
    ...(isEmpty(request.dependencies) ? {} : { dependencies: request.dependencies }),
    ...(isEmpty(request.devDependencies) ? {} : { devDependencies: request.devDependencies }),
    ...(engines === undefined ? {} : { engines }),
  };
}

/** Every folder that is needed when the kinds of edges given are followed. */
function reach(
  lock: PackageLock,
  request: CutRequest,
  follow: {
    readonly dev: boolean;
    readonly optional: boolean;
    readonly peer: boolean;
    /** What is there anyway: an optional peer counts when it is. */
    readonly among?: ReadonlySet<string>;
  },
): ReadonlySet<string> {
  const found = new Set<string>();
  const queue: string[] = [];
  const visit = (from: string, name: string, required: boolean): void => {
    const folder = resolveInLock(lock, from, name);
    if (folder === null) {
      if (required) throw missing(from, name);
    } else if (!found.has(folder)) {
      if (lock.packages[folder]?.link === true) throw linked(name);
      found.add(folder);
      queue.push(folder);
    }
  };
  for (const name of Object.keys(request.dependencies)) visit('', name, true);
  if (follow.dev) for (const name of Object.keys(request.devDependencies)) visit('', name, true);
  const isFollowed = (folder: string, { name, kind }: Edge): boolean => {
    if (kind === 'prod') return true;
    if (kind === 'peer') return follow.peer;
    if (!follow.optional) return false;
    return kind === 'optional' || follow.among?.has(resolveInLock(lock, folder, name) ?? '') === true;
  };
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop())
    for (const edge of edgesOf(lock.packages[folder] ?? {}))
      if (isFollowed(folder, edge)) visit(folder, edge.name, edge.kind === 'prod');
  return found;
}

function* edgesOf(entry: LockPackage): Generator<Edge> {
  const optional = entry.optionalDependencies ?? {};
  for (const name of Object.keys(entry.dependencies ?? {}))
    if (!(name in optional)) yield { name, kind: 'prod' };
  for (const name of Object.keys(optional)) yield { name, kind: 'optional' };
  // An optional peer comes only if somebody else brings it
  for (const name of Object.keys(entry.peerDependencies ?? {}))
    yield { name, kind: entry.peerDependenciesMeta?.[name]?.optional === true ? 'optional-peer' : 'peer' };
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** The order of npm's own lock files does not depend on a locale here: equal input, equal bytes. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function missing(from: string, name: string): PlatformError {
  const by = from === '' ? 'the tool' : from.replace(/^.*node_modules\//, '');
  return new PlatformError(
    'step-failed',
    `package-lock.json: there is no ${name}, which ${by} needs. Run npm install in the repository and commit the lock file.`,
  );
}

function linked(name: string): PlatformError {
  return new PlatformError(
    'step-failed',
    `package-lock.json: ${name} is a link into this repository and cannot be installed elsewhere. Import its files instead.`,
  );
}
