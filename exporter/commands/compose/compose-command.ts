import path from 'node:path';
import { parseFlags } from '../../../contracts/command-line.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { createFilesPort } from '../../adapters/files/files.ts';
import { openSession } from '../../engine/session.ts';
import { removeEntry } from '../../steps/infrastructure/operations/update-compose.ts';
import { COMPOSE_FLAGS } from './compose-flags.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';

/** `gulp compose:remove`: removes one tool's entry from the compose file. Safe to call twice. */
export async function removeFromCompose(argv: readonly string[]): Promise<void> {
  const { 'tool-id': toolId } = parseFlags('compose:remove', argv, COMPOSE_FLAGS);
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const files = createFilesPort(root, path.resolve(root, settings.stateDir));
  const session = await openSession(
    await openPlatformDatabase({ root, settings }, { migrate: false }),
    'compose:remove',
  );
  try {
    const removed = await removeEntry(toolId, { files, exclusively: (work) => session.exclusively(work) });
    process.stdout.write(
      removed
        ? `Removed the entry of ${toolId} from ${COMPOSE_FILE}.\n`
        : `${COMPOSE_FILE} has no entry of ${toolId}.\n`,
    );
  } finally {
    await session.close();
  }
}
