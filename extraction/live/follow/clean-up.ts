import { lockTarget } from '../../run/extract-tables.ts';
import { isMissingDatabase, openSession, type Session } from '../../run/session.ts';
import { finish } from './after-switch.ts';
import { readUnfinished } from './ledger.ts';
import { namesFrom } from './names.ts';
import { withPatience } from './patience.ts';
import { isFenceClosed, removeStreamBack, removeStreams, rollBackFollow, type Sides } from './undo-follow.ts';

/**
 * What became of a killed run: it was undone, or the target was kept because it had been switched to. `completed`: no
 * run was killed, and the fence of the source is that of a completed switch.
 */
export type CleanedUp = 'rolled-back' | 'kept' | 'completed';

/**
 * Ends a run that was killed: before its switch everything is rolled back, after it the target is kept and the streams
 * end. Safe to call twice.
 *
 * @throws PlatformError `locked` while a run is at work
 */
export async function cleanUpFollow(sides: Sides): Promise<CleanedUp> {
  const target = await openIfThere(sides.targetUrl);
  try {
    if (target !== null) await lockTarget(target);
    const unfinished = target === null ? null : await readUnfinished(target);
    if (unfinished === null && (await isClosed(sides))) return 'completed';
    const killed = (unfinished?.names ?? []).map((name) => ({ ...sides, names: namesFrom(name) }));
    if (unfinished?.switched !== true) {
      for (const run of killed) await removeStreams(run);
      await rollBackFollow(sides, false);
      return 'rolled-back';
    }
    for (const run of killed) {
      await removeStreamBack(run);
      await finish({ ...run, reverse: false, targetFromSource: sides.targetUrl });
    }
    return 'kept';
  } finally {
    await target?.end().catch(() => undefined);
  }
}

const isClosed = ({ sourceUrl, names }: Sides): Promise<boolean> =>
  withPatience(sourceUrl, (session) => isFenceClosed(session, names.out));

async function openIfThere(url: string): Promise<Session | null> {
  try {
    return await openSession({ url });
  } catch (error) {
    if (isMissingDatabase(error)) return null;
    throw error;
  }
}
