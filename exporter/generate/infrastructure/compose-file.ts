import { PlatformError } from '../../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { checkCompose } from '../../core/check-compose.ts';
import { keepEditedPart } from '../../core/keep-edits.ts';
import type { Ports } from '../../core/ports.ts';
import {
  addComposeEntry,
  hasComposeEntry,
  readComposeEntry,
  removeComposeEntry,
  type ComposeEntry,
} from './compose-text.ts';

/** A tool's entry in the compose file, as an export has planned it. JSON, as a change holds it. */
export type PlannedEntry = Readonly<{
  toolId: string;
  /** The file without the entry, and with it, when the plan was made. */
  before: string | null;
  text: string;
  entry: ComposeEntry;
}>;

/**
 * Writes the entry into the compose file. Entries that other exports have added since stay. Safe to call twice.
 * @throws PlatformError when compose rejects the file, which is then unchanged
 */
export async function writeEntry(planned: PlannedEntry, ports: Ports): Promise<void> {
  await ports.exclusively(async () => {
    const now = await ports.files.readText(COMPOSE_FILE);
    if (now === null)
      throw new PlatformError('plan-stale', `${COMPOSE_FILE} was deleted after the plan was made.`);
    const text = textWith(now, planned);
    await checkCompose(text, ports);
    if (text !== now) await ports.files.writeText(COMPOSE_FILE, text);
  });
}

/** Removes the entry, byte for byte. An entry that was edited by hand is copied first. Safe to call twice. */
export async function withdrawEntry({ toolId, before, text }: PlannedEntry, ports: Ports): Promise<void> {
  await ports.exclusively(async () => {
    const now = await ports.files.readText(COMPOSE_FILE);
    // Undone already, or deleted by its owner
    if (now === null || now === before) return;
    if (now !== text) {
      // Another export or a person has edited the file since: their edits are kept
      const entry = readComposeEntry(now, toolId);
      if (entry !== '' && entry !== readComposeEntry(text, toolId))
        await keepEditedPart({ file: COMPOSE_FILE, part: toolId, text: entry }, ports);
      await ports.files.writeText(COMPOSE_FILE, removeComposeEntry(now, toolId));
    } else if (before !== null) await ports.files.writeText(COMPOSE_FILE, before);
  });
}

/** The file with the tool's entry added: as planned, or merged with the entries that other exports have added since. */
function textWith(now: string, { toolId, before, text, entry }: PlannedEntry): string {
  if (now === before) return text;
  return hasComposeEntry(now, toolId) ? now : addComposeEntry(now, toolId, entry);
}
