import { matchesGlob } from 'node:path';
import type { Module } from './types.ts';

/** Folders that hold modules, the first that exists. */
const HOLDERS = [
  ...['src/modules', 'src/features', 'src/domains', 'modules', 'features', 'domains'],
  ...['src', 'server', 'app', 'lib', ''],
];

/** Customary names of folders that serve all modules. */
const SHARED_FOLDERS = new Set([
  ...['bin', 'common', 'config', 'constants', 'core', 'database', 'db', 'helpers', 'infra', 'infrastructure'],
  ...['lib', 'libs', 'middleware', 'middlewares', 'migrations', 'plugins', 'scripts', 'seeders', 'seeds'],
  ...['shared', 'sql', 'types', 'util', 'utils', 'views', 'cron', 'jobs'],
]);

/** Folders by layer hold a part of every module, so they are none themselves. */
const LAYERS = new Set([
  'controllers',
  'models',
  'repositories',
  'routes',
  'services',
  'entities',
  'queries',
]);

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/**
 * The modules of a source. Without a pattern: the folders with code in the first of `src/modules`, `src/features`,
 * `src/domains`, the same without `src`, `src`, `server`, `app`, `lib` and the source itself that holds two such
 * folders. Folders with customary names of shared code and of layers are no modules.
 *
 * @param pattern folders, relative to the source, such as `src/areas/*`
 */
export function findModules(files: readonly string[], pattern?: string): readonly Module[] {
  const folders = foldersWithCode(files);
  if (pattern !== undefined) {
    const glob = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
    const found = folders.filter((folder) => matchesGlob(folder, glob));
    // of nested folders, the outer one is the module
    return named(found.filter((folder) => !found.some((outer) => folder.startsWith(`${outer}/`))));
  }
  for (const holder of HOLDERS) {
    const inside = folders.filter(
      (folder) => parentOf(folder) === holder && !isShared(folder, holder.includes('/')),
    );
    if (inside.length >= 2) return named(inside);
  }
  return [];
}

/** In a folder such as `src/modules`, a folder with the name of shared code is a module. */
const isShared = (folder: string, inModules: boolean): boolean => {
  const name = lastOf(folder).toLowerCase();
  return !inModules && (SHARED_FOLDERS.has(name) || LAYERS.has(name) || HOLDERS.includes(folder));
};

function foldersWithCode(files: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const file of files) {
    if (!CODE.test(file)) continue;
    for (let folder = parentOf(file); folder !== ''; folder = parentOf(folder)) found.add(folder);
  }
  return [...found].sort();
}

/** The last part of the path, or the whole path where two folders have the same. */
function named(folders: readonly string[]): readonly Module[] {
  const counts = Map.groupBy(folders, lastOf);
  return folders.map((folder) => ({
    name: (counts.get(lastOf(folder))?.length ?? 0) > 1 ? folder : lastOf(folder),
    folder,
  }));
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
