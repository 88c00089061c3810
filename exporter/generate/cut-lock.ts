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

/** Fields by which npm marks packages that not every install needs. */
const FLAGS = ['dev', 'optional', 'devOptional', 'peer', 'extraneous'];

interface Edge {
  readonly name: string;
  readonly kind: 'prod' | 'optional' | 'peer' | 'optional-peer';
}

/**
 * Cuts the lock file of a smaller project from the repository's: the closure of its dependencies, with the same
 * versions and folders, so that every package resolves its dependencies as before. Resolves and fetches nothing.
 * Includes packages for other platforms, as npm does.
 *
 * The same input gives the same output, byte for byte.
 * @throws PlatformError `step-failed` when the lock lacks a required package.
 */
export function cutLock(rootLock: PackageLock, request: CutRequest): PackageLock {
  if (rootLock.lockfileVersion !== 3)
    throw new PlatformError(
      'step-failed',
      `package-lock.json: lockfileVersion is ${rootLock.lockfileVersion}, but must be 3. Run npm install with npm 9 or newer.`,
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

/** Sorts the fields as npm does, so that npm install does not change the file. */
function withFlags(entry: LockPackage, flags: Readonly<Record<string, boolean>>): LockPackage {
  const kept = Object.entries(entry).filter(([field]) => !FLAGS.includes(field));
  const set = Object.entries(flags).filter(([, value]) => value);
  return Object.fromEntries([...kept, ...set].sort(byRank));
}

const FIRST = ['name', 'version', 'resolved', 'integrity', 'dependencies'];

/** npm's order: values before objects, the fields of `FIRST` before others, then by name. */
function byRank([a, one]: readonly [string, unknown], [b, other]: readonly [string, unknown]): number {
  const rank = (field: string, value: unknown): number => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const first = FIRST.indexOf(field);
    return (isObject ? 100 : 0) + (first < 0 ? FIRST.length : first);
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

/** A required package that the closure cannot contain: the lock file lacks it, or holds it as a link. */
export interface MissingDependency {
  readonly name: string;
  /** Folder of the package that needs it; `''`: the project itself. */
  readonly from: string;
}

/** The packages that a project needs, directly and through others. */
export interface Closure {
  /** Folders of the lock file, sorted. */
  readonly folders: readonly string[];
  readonly problems: readonly MissingDependency[];
}

/** The packages that {@link cutLock} includes, and those for which it would fail. */
export function closureOf(
  rootLock: PackageLock,
  request: Pick<CutRequest, 'dependencies' | 'devDependencies'>,
): Closure {
  const problems: MissingDependency[] = [];
  const onProblem = (problem: MissingDependency): void => void problems.push(problem);
  const folders = reach(rootLock, request, { dev: true, optional: true, peer: true, onProblem });
  return { folders: [...folders].sort(byCodeUnit), problems };
}

/** Every folder that is reachable through the given kinds of edges. */
function reach(
  lock: PackageLock,
  request: Pick<CutRequest, 'dependencies' | 'devDependencies'>,
  follow: {
    readonly dev: boolean;
    readonly optional: boolean;
    readonly peer: boolean;
    /** Folders of the full closure: an optional peer is followed only when it is among them. */
    readonly among?: ReadonlySet<string>;
    /** Default: throws. */
    readonly onProblem?: (problem: MissingDependency) => void;
  },
): ReadonlySet<string> {
  const found = new Set<string>();
  const queue: string[] = [];
  const visit = (from: string, name: string, required: boolean): void => {
    const folder = resolveInLock(lock, from, name);
    const isLink = folder !== null && lock.packages[folder]?.link === true;
    if (isLink || (folder === null && required)) {
      if (follow.onProblem === undefined) throw isLink ? linked(name) : missing(from, name);
      follow.onProblem({ name, from });
    } else if (folder !== null && !found.has(folder)) {
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
  // An optional peer is installed only when another package depends on it
  for (const name of Object.keys(entry.peerDependencies ?? {}))
    yield { name, kind: entry.peerDependenciesMeta?.[name]?.optional === true ? 'optional-peer' : 'peer' };
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** Independent of the locale: equal input, equal bytes. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function missing(from: string, name: string): PlatformError {
  const by = from === '' ? 'the tool' : from.replace(/^.*node_modules\//, '');
  return new PlatformError(
    'step-failed',
    `package-lock.json: ${name} is missing, but ${by} needs it. Run npm install in the repository and commit the lock file.`,
  );
}

function linked(name: string): PlatformError {
  return new PlatformError(
    'step-failed',
    `package-lock.json: ${name} is a link into this repository and cannot be installed elsewhere. Import its files instead.`,
  );
}
