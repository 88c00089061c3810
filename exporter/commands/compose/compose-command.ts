import { parseToolId, toolIdProblem } from '../../../contracts/ids.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';
import { parseFlags, usage } from '../../cli/command-line.ts';
import { removeEntry } from './remove-entry.ts';

export const COMPOSE_FLAGS = {
  'tool-id': { type: 'string', text: 'tool whose entry goes' },
} as const;

/** `gulp compose:remove`: takes one tool's entry out of the compose file. Safe to call twice. */
export async function removeFromCompose(argv: readonly string[]): Promise<void> {
  const given = parseFlags('compose:remove', argv, COMPOSE_FLAGS)['tool-id'] ?? '';
  const problem = toolIdProblem(given);
  if (problem !== null)
    throw usage('compose:remove', [`--tool-id=${JSON.stringify(given)} ${problem}`], COMPOSE_FLAGS);
  const toolId = parseToolId(given);
  const settings = parseSettings(process.env);
  const removed = await removeEntry({ root: findRepositoryRoot(process.cwd()), settings }, toolId);
  process.stdout.write(
    removed
      ? `The entry of ${toolId} is gone from ${COMPOSE_FILE}.\n`
      : `${COMPOSE_FILE} has no entry of ${toolId}.\n`,
  );
}
