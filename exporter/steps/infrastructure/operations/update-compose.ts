import { createTwoFilesPatch } from 'diff';
import { PlatformError } from '../../../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../../../contracts/naming.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';
import { composeEntryOf } from '../../../generate/infrastructure/compose-entry.ts';
import { withdrawEntry, writeEntry } from '../../../generate/infrastructure/compose-file.ts';
import {
  addComposeEntry,
  hasComposeEntry,
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
  run: ({ before, after }, ports) => writeEntry({ ...after, before: before?.text ?? null }, ports),
  undo: ({ before, after }, ports) => withdrawEntry({ ...after, before: before?.text ?? null }, ports),
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
