import { createTwoFilesPatch } from 'diff';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Operation } from '../../../core/step.ts';
import { checkCompose } from '../../../core/check-compose.ts';
import { addComposeEntry, hasComposeEntry, removeComposeEntry, type ComposeEntry } from '../../../generate/infrastructure/compose-text.ts';

export const COMPOSE_FILE = 'docker-compose.poc.yml';

export type UpdateCompose = Change<
  'update-compose',
  { readonly toolId: string; readonly text: string; readonly entry: ComposeEntry }
>;

/** Adds the tool's containers to the compose file. Every other byte stays, there and back. */
export const updateCompose: Operation<UpdateCompose> = {
  kind: 'update-compose',
  undoPhase: 'configuration',
  async run(change, ports) {
    const { before, after } = change;
    if (after === null) return;
    await ports.exclusively(async () => {
      const now = await ports.files.readText(COMPOSE_FILE);
      if (now === null)
        throw new PlatformError('plan-stale', `${COMPOSE_FILE} is gone since the plan was made.`);
      const text = textWith(now, before?.text ?? null, after);
      await checkCompose(text, ports);
      if (text !== now) await ports.files.writeText(COMPOSE_FILE, text);
    });
  },
  async undo(change, ports) {
    const { before, after } = change;
    if (after === null) return;
    await ports.exclusively(async () => {
      const now = await ports.files.readText(COMPOSE_FILE);
      // Already so, or deleted by its owner: nothing of ours is in it
      if (now === null || now === (before?.text ?? null)) return;
      if (now !== after.text) {
        // Somebody else has written since, another export perhaps: theirs stays, ours goes
        await ports.files.writeText(COMPOSE_FILE, removeComposeEntry(now, after.toolId));
      } else if (before !== null) await ports.files.writeText(COMPOSE_FILE, before.text);
    });
  },
  done: () => 'Docker Compose updated',
  undone: () => `${COMPOSE_FILE} restored`,
  would: () => 'Docker Compose updates validated',
  details: ({ before, after }) => [
    createTwoFilesPatch(
      `a/${COMPOSE_FILE}`,
      `b/${COMPOSE_FILE}`,
      before?.text ?? '',
      after?.text ?? '',
      undefined,
      undefined,
      { context: 3 },
    ),
  ],
  // Not git's: it would take along what other exports have added since the last commit
  debris: ({ after }) => `npx gulp compose:remove --tool-id=${after?.toolId ?? ''}`,
};

/** The file with the tool's entry in it: as planned, or beside what another export has added meanwhile. */
function textWith(now: string, before: string | null, after: NonNullable<UpdateCompose['after']>): string {
  if (now === before) return after.text;
  return hasComposeEntry(now, after.toolId) ? now : addComposeEntry(now, after.toolId, after.entry);
}
