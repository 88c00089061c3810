import path from 'node:path';
import type { ToolId } from '../../../contracts/ids.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { createFilesPort } from '../../adapters/files/files.ts';
import { openDatabase } from '../../engine/open-database.ts';
import { openSession } from '../../engine/session.ts';
import { hasComposeEntry, removeComposeEntry } from '../../generate/infrastructure/compose-text.ts';

/**
 * Removes one tool's entry from the compose file atomically, serialized with running exports. All other bytes are
 * unchanged. `false`: the file has no such entry.
 */
export async function removeEntry(
  place: { readonly root: string; readonly settings: Settings },
  toolId: ToolId,
): Promise<boolean> {
  const { root, settings } = place;
  const files = createFilesPort(root, path.resolve(root, settings.stateDir, 'tmp'));
  const session = await openSession(await openDatabase(place, { migrate: false }), 'compose:remove');
  try {
    return await session.exclusively(async () => {
      const text = await files.readText(COMPOSE_FILE);
      const there = text !== null && hasComposeEntry(text, toolId);
      if (there) await files.writeText(COMPOSE_FILE, removeComposeEntry(text, toolId));
      return there;
    });
  } finally {
    await session.close();
  }
}
