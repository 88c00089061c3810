import type { ToolNames } from '../../contracts/naming.ts';

/** What every export reads of the repository besides the tool's own folder. */
const READ = ['package.json', 'package-lock.json', 'contracts/', 'shared/', 'templates/', 'templates.local/'];

/** Where apps keep repository code that has no place of its own there. */
const CARRIED = 'src/carried/';

/**
 * Whether the export of a tool reads a file of the repository.
 * @param placed paths in the exported apps, which tell what is carried along from elsewhere
 */
export function readByExport(names: ToolNames, placed: readonly string[]): (file: string) => boolean {
  const carried = new Set(
    placed.filter((file) => file.startsWith(CARRIED)).map((file) => file.slice(CARRIED.length)),
  );
  const prefixes = [`${names.toolFolder}/`, ...READ];
  return (file) => carried.has(file) || prefixes.some((prefix) => file.startsWith(prefix));
}
