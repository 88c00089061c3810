import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { filesBelow } from '../files-below.ts';

export interface SandboxOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Absolute path of the state folder, which no tool may read. */
  readonly stateDir: string;
  readonly toolId: string;
  /** The tool's own folder for temporary files, the only one that it may write to. */
  readonly temporary: string;
}

/** Folder of the platform's own code. */
const PACKAGE = path.resolve(import.meta.dirname, '../../../..');

/**
 * Flags of Node's permission model for the process of one tool: it reads its own folder, packages and shared code of
 * the repository, and writes to its temporary folder. It cannot read the platform's state, hidden files such as `.env`
 * and `.git`, other tools, exported apps, or anything outside the repository. The network is open. Programs that a tool
 * starts have the rights of the system user, unless they are Node.js, which inherits these flags.
 */
export function sandboxFlags({ root, stateDir, toolId, temporary }: SandboxOptions): readonly string[] {
  const bases = [...new Set([root, realpathSync(root)])];
  const readable = new Set([
    path.join(PACKAGE, 'contracts'),
    path.join(PACKAGE, 'monolith', 'server'),
    path.join(PACKAGE, 'registry-api'),
    path.join(PACKAGE, 'package.json'),
    ...packagesOf(PACKAGE, stateDir),
    temporary,
  ]);
  for (const base of bases) {
    for (const entry of sharedEntries(base, stateDir)) readable.add(entry);
    for (const entry of packagesOf(base, stateDir)) readable.add(entry);
    readable.add(path.join(base, 'tools', toolId));
  }
  return [
    '--permission',
    '--allow-worker',
    '--allow-child-process',
    '--allow-addons',
    '--allow-wasi',
    '--disable-warning=SecurityWarning', // each of the four flags prints a warning
    ...[...readable].map((entry) => `--allow-fs-read=${entry}`),
    `--allow-fs-write=${temporary}`,
  ];
}

/**
 * Links in the tool's folder to what the tool may not read, relative to it. The permission model follows links, so a tool
 * with such a link must not be started.
 */
export async function forbiddenLinks({
  root,
  stateDir,
  toolId,
}: Omit<SandboxOptions, 'temporary'>): Promise<readonly string[]> {
  const folder = path.join(root, 'tools', toolId);
  const allowed = [realpath(folder), ...sharedEntries(root, stateDir).map(realpath)];
  return (await filesBelow(folder))
    .filter(({ isLink }) => isLink)
    .map((link) => link.path)
    .filter((link) => !allowed.some((place) => contains(place, realpath(link))))
    .map((link) => path.relative(folder, link));
}

/** Entries of the repository that tools may share. */
function sharedEntries(root: string, stateDir: string): readonly string[] {
  const hidden = new Set(['tools', 'apps', 'node_modules']);
  return readdirSync(root)
    .filter((name) => !name.startsWith('.') && !hidden.has(name))
    .map((name) => path.join(root, name))
    .filter((entry) => !contains(entry, stateDir) && !contains(realpath(entry), realpath(root)))
    .flatMap((entry) => [...new Set([entry, realpath(entry)])]);
}

/** The packages that code below a folder can import, those of the folders above it included. */
function packagesOf(folder: string, stateDir: string): readonly string[] {
  const found: string[] = [];
  for (let at = folder; ; at = path.dirname(at)) {
    const packages = path.join(at, 'node_modules');
    if (existsSync(packages))
      for (const place of new Set([packages, realpath(packages)]))
        found.push(...readablePackages(place, stateDir));
    if (at === path.dirname(at)) return found;
  }
}

/** Node follows links, so a package that links to the repository, with its state, must not be readable. */
function readablePackages(packages: string, stateDir: string): readonly string[] {
  const entries = readdirSync(packages, { withFileTypes: true });
  const links = new Map(
    entries
      .filter((entry) => entry.isSymbolicLink())
      .map(({ name }) => [name, realpath(path.join(packages, name))]),
  );
  const repositories = new Set(
    [...links].filter(([, target]) => contains(target, realpath(stateDir))).map(([name]) => name),
  );
  const linked = [...links].filter(([name]) => !repositories.has(name)).map(([, target]) => target);
  if (repositories.size === 0) return [packages, ...linked];
  const names = entries.map(({ name }) => name);
  return [...prefixesWithout(names, repositories).map((prefix) => path.join(packages, prefix)), ...linked];
}

/** Patterns (`name`, `pre*`) that match every name but the excluded ones. */
export function prefixesWithout(names: readonly string[], excluded: ReadonlySet<string>): readonly string[] {
  const patterns: string[] = [];
  const cover = (prefix: string, below: readonly string[]): void => {
    if (!below.some((name) => excluded.has(name))) {
      patterns.push(below.length === 1 && below[0] !== undefined ? below[0] : `${prefix}*`);
      return;
    }
    if (below.includes(prefix) && !excluded.has(prefix)) patterns.push(prefix);
    const next = new Set(
      below.filter((name) => name.length > prefix.length).map((name) => name[prefix.length] ?? ''),
    );
    for (const letter of next)
      cover(
        prefix + letter,
        below.filter((name) => name.startsWith(prefix + letter)),
      );
  };
  cover('', names);
  return patterns;
}

/** Whether `inner` is `outer` or lies below it. */
function contains(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

function realpath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file; // a broken link leads nowhere
  }
}
