import type { ToolNames } from '../../contracts/naming.ts';

/** Files and folders that every export reads, besides the tool's own folder. */
const READ = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'patches/',
  'contracts/',
  'shared/',
  'templates/',
  'templates.local/',
];

/** Folder of exported apps for shared repository code. */
const CARRIED = 'src/carried/';

/**
 * Whether the export of a tool reads a file of the repository.
 * @param placed paths in the exported apps; those below `src/carried/` are copies of repository files
 */
export function readByExport(names: ToolNames, placed: readonly string[]): (file: string) => boolean {
  const carried = new Set(
    placed.filter((file) => file.startsWith(CARRIED)).map((file) => file.slice(CARRIED.length)),
  );
  const prefixes = [`${names.toolFolder}/`, ...READ];
  return (file) => carried.has(file) || prefixes.some((prefix) => file.startsWith(prefix));
}
