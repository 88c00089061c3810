import { PlatformError } from '../../../contracts/errors.ts';
import type { Plan } from '../../../contracts/plan.ts';
import { SWITCH_OVER, type LiveSwitch } from '../../core/streams.ts';
import type { Running } from '../../engine/states.ts';
import { readCutoverLimits } from '../../steps/database/read-live-limits.ts';

/**
 * For an export before its first change of a database: minutes after its plan was made, a live cut-over must still be
 * possible. It is never replaced by one that stops writes.
 * @throws PlatformError `plan-stale`
 */
export async function refuseStaleCutover({
  plan,
  journal,
  databaseUrl,
}: Pick<Running, 'plan' | 'journal' | 'databaseUrl'>): Promise<void> {
  const live = switchIn(plan);
  if (live === null) return;
  const entries = await journal.entries();
  // a resumed export holds slots and workers of its own
  if (entries.some(({ change, state }) => change.kind === 'publish-changes' && state !== 'undone')) return;
  const limits = await readCutoverLimits({
    sourceUrl: databaseUrl,
    plan: live.tables.plan,
    ownServer: live.tables.service.server.kind === 'own',
    sourceInContainer: false, // the plan would not be live
  });
  if (limits.length === 0) return;
  const reasons = limits.map(({ message, remedy }) => (remedy === '' ? message : `${message} ${remedy}.`));
  throw new PlatformError(
    'plan-stale',
    `The plan is a live cut-over, which is not possible any more:\n${reasons.join('\n')}\n` +
      `Export again: npx gulp export --tool-id=${plan.toolId}`,
  );
}

function switchIn({ changes }: Plan): LiveSwitch | null {
  const found = changes.find(({ kind }) => kind === SWITCH_OVER);
  return found === undefined ? null : (found.after as unknown as LiveSwitch);
}
