import { parseFlags } from '../../../contracts/command-line.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';
import { removeEntry } from './remove-entry.ts';

export const COMPOSE_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'tool whose entry is removed' },
} as const;

/** `gulp compose:remove`: removes one tool's entry from the compose file. Safe to call twice. */
export async function removeFromCompose(argv: readonly string[]): Promise<void> {
  const { 'tool-id': toolId } = parseFlags('compose:remove', argv, COMPOSE_FLAGS);
  const settings = parseSettings(process.env);
  const removed = await removeEntry({ root: findRepositoryRoot(process.cwd()), settings }, toolId);
  process.stdout.write(
    removed
      ? `Removed the entry of ${toolId} from ${COMPOSE_FILE}.\n`
      : `${COMPOSE_FILE} has no entry of ${toolId}.\n`,
  );
}
