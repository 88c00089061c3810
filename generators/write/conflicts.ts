import { PlatformError } from '../../contracts/errors.ts';
import type { FileChange } from './journal.ts';

/**
 * Files edited by the user: they exist, and differ from the rendered text.
 * @param record path of the generator's own record, which users do not edit
 */
export function editedFiles(files: readonly FileChange[], record: string): readonly string[] {
  return files
    .filter((file) => file.before !== null && file.before !== file.after && file.path !== record)
    .map((file) => file.path);
}

/**
 * @param remedy how to overwrite or merge the files
 * @throws PlatformError `target-exists` naming every file that would be overwritten
 */
export function refuseToOverwrite(conflicts: readonly string[], remedy: string): void {
  if (conflicts.length === 0) return;
  throw new PlatformError(
    'target-exists',
    `These files were edited and would be overwritten:\n${conflicts.map((file) => `  ${file}`).join('\n')}\n${remedy}`,
  );
}
