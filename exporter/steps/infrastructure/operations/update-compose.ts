import { createTwoFilesPatch } from 'diff';
import { PlatformError } from '../../../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../../../contracts/naming.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Ports } from '../../../core/ports.ts';
import { keepEditedPart } from '../../../core/keep-edits.ts';
import type { Operation } from '../../../core/step.ts';
import { composeEntryOf } from '../../../generate/infrastructure/compose-entry.ts';
import { checkCompose } from '../../../core/check-compose.ts';
import {
  addComposeEntry,
  hasComposeEntry,
  readComposeEntry,
  removeComposeEntry,
  type ComposeEntry,
} from '../../../generate/infrastructure/compose-text.ts';

export type UpdateCompose = Change<
  'update-compose',
  { readonly toolId: string; readonly text: string; readonly entry: ComposeEntry }
>;

/** Adds the tool's containers to the compose file. Every other byte is unchanged, on export and on rollback. */
export const updateCompose: Operation<UpdateCompose> = {
  kind: 'update-compose',
  undoPhase: 'configuration',
  plan(facts) {
    const { manifest, infrastructure } = facts;
    const text = infrastructure.composeText;
    if (text === null)
      throw new PlatformError(
        'step-failed',
        `${COMPOSE_FILE} is missing. Restore it with: git checkout -- ${COMPOSE_FILE}`,
      );
    const entry = composeEntryOf(facts);
    return [
      {
        step: 'infrastructure',
        kind: 'update-compose',
        target: COMPOSE_FILE,
        before: { toolId: manifest.id, text, entry: NO_ENTRY },
        after: { toolId: manifest.id, text: addComposeEntry(text, manifest.id, entry), entry },
      },
    ];
  },
  async run(change, ports) {
    const { before, after } = change;
    await ports.exclusively(async () => {
      const now = await ports.files.readText(COMPOSE_FILE);
      if (now === null)
        throw new PlatformError('plan-stale', `${COMPOSE_FILE} was deleted after the plan was made.`);
      const text = textWith(now, before?.text ?? null, after);
      await checkCompose(text, ports);
      if (text !== now) await ports.files.writeText(COMPOSE_FILE, text);
    });
  },
  async undo(change, ports) {
    const { before, after } = change;
    await ports.exclusively(async () => {
      const now = await ports.files.readText(COMPOSE_FILE);
      // Undone already, or deleted by its owner
      if (now === null || now === (before?.text ?? null)) return;
      if (now !== after.text) {
        // Another export or a person has edited the file since: their edits are kept
        const entry = readComposeEntry(now, after.toolId);
        if (entry !== '' && entry !== readComposeEntry(after.text, after.toolId))
          await keepEditedPart({ file: COMPOSE_FILE, part: after.toolId, text: entry }, ports);
        await ports.files.writeText(COMPOSE_FILE, removeComposeEntry(now, after.toolId));
      } else if (before !== null) await ports.files.writeText(COMPOSE_FILE, before.text);
    });
  },
  done: () => 'Docker Compose updated',
  undone: () => `${COMPOSE_FILE} restored`,
  wouldUndo: () => `Restore ${COMPOSE_FILE}`,
  would: () => 'Docker Compose updates validated',
  details: ({ before, after }) => [
    createTwoFilesPatch(
      `a/${COMPOSE_FILE}`,
      `b/${COMPOSE_FILE}`,
      before?.text ?? '',
      after.text,
      undefined,
      undefined,
      { context: 3 },
    ),
  ],
  // Not git checkout: it would also remove what other exports have added since the last commit
  removeByHand: ({ after }) => `npx gulp compose:remove --tool-id=${after.toolId}`,
  async findOrphans({ toolId }, ports) {
    const text = await ports.files.readText(COMPOSE_FILE);
    if (text === null || !hasComposeEntry(text, toolId)) return [];
    return [
      {
        name: `entry of ${toolId} in ${COMPOSE_FILE}`,
        command: `npx gulp compose:remove --tool-id=${toolId}`,
        remove: () => removeEntry(toolId, ports).then(() => undefined),
      },
    ];
  },
};

/**
 * Removes one tool's entry from the compose file, under the infrastructure lock. What others have added stays, byte
 * for byte. `false`: there was none.
 */
export function removeEntry(
  toolId: string,
  { files, exclusively }: Pick<Ports, 'files' | 'exclusively'>,
): Promise<boolean> {
  return exclusively(async () => {
    const text = await files.readText(COMPOSE_FILE);
    if (text === null || !hasComposeEntry(text, toolId)) return false;
    await files.writeText(COMPOSE_FILE, removeComposeEntry(text, toolId));
    return true;
  });
}

const NO_ENTRY: ComposeEntry = { services: '', volumes: '', networks: '', secrets: '' };

/** The file with the tool's entry added: as planned, or merged with the entries that other exports have added since. */
function textWith(now: string, before: string | null, after: UpdateCompose['after']): string {
  if (now === before) return after.text;
  return hasComposeEntry(now, after.toolId) ? now : addComposeEntry(now, after.toolId, after.entry);
}
