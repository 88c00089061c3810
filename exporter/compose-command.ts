import path from 'node:path';
import { parseToolId, toolIdProblem } from '../contracts/ids.ts';
import { parseSettings } from '../contracts/settings.ts';
import { findRepositoryRoot } from '../templating/repository-root.ts';
import { createFilesPort } from './adapters/files/files.ts';
import { parseFlags, usage } from './command-line.ts';
import { openDatabase } from './open-database.ts';
import { openSession } from './session.ts';
import { hasComposeEntry, removeComposeEntry } from './steps/infrastructure/compose-text.ts';
import { COMPOSE_FILE } from './steps/infrastructure/update-compose.ts';

export const COMPOSE_FLAGS = {
  'tool-id': { type: 'string', text: 'tool whose entry goes' },
} as const;

/**
 * `gulp compose:remove`: takes one tool's entry out of the compose file, in its turn among the exports at work. What
 * others have added stays, byte for byte. Safe to call twice.
 */
export async function removeFromCompose(argv: readonly string[]): Promise<void> {
  const given = parseFlags('compose:remove', argv, COMPOSE_FLAGS)['tool-id'] ?? '';
  const problem = toolIdProblem(given);
  if (problem !== null)
    throw usage('compose:remove', [`--tool-id=${JSON.stringify(given)} ${problem}`], COMPOSE_FLAGS);
  const toolId = parseToolId(given);
  const settings = parseSettings(process.env);
  const root = findRepositoryRoot(process.cwd());
  const files = createFilesPort(root, path.resolve(root, settings.stateDir, 'tmp'));
  const session = await openSession(
    await openDatabase({ root, settings }, { migrate: false }),
    'compose:remove',
  );
  try {
    await session.exclusively(async () => {
      const text = await files.readText(COMPOSE_FILE);
      const there = text !== null && hasComposeEntry(text, toolId);
      if (there) await files.writeText(COMPOSE_FILE, removeComposeEntry(text, toolId));
      process.stdout.write(
        there
          ? `The entry of ${toolId} is gone from ${COMPOSE_FILE}.\n`
          : `${COMPOSE_FILE} has no entry of ${toolId}.\n`,
      );
    });
  } finally {
    await session.close();
  }
}
