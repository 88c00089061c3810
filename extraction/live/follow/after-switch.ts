import type { Fingerprint, WorkOptions } from '../../api.ts';
import { dropCheckpoint } from '../../run/checkpoint.ts';
import { raiseFence } from '../../run/fence.ts';
import { messageOf } from '../../run/session.ts';
import { createSubscription, subscriptionExists } from '../stream.ts';
import type { Made } from '../switch-over.ts';
import { countChanges, endStream } from './applied-changes.ts';
import { addressFor, fenceOf, refuseStale, type FollowRun } from './follow-run.ts';
import type { FollowNames } from './names.ts';
import { patiently, withPatience } from './patience.ts';
import { removeFence, removeStreamOut } from './undo-follow.ts';

/** The target has switched and has taken writes, so that the failure after it cannot be rolled back without loss. */
export class KeptAfterSwitch extends Error {
  override readonly name = 'KeptAfterSwitch';
  readonly names: FollowNames;
  /** Whether the source follows the target. */
  readonly reverse: boolean;
  constructor(message: string, { names, reverse }: Pick<FollowRun, 'names' | 'reverse'>, cause: unknown) {
    super(message, { cause });
    this.names = names;
    this.reverse = reverse;
  }
}

/** How many changes the stream has applied, which ends; `null` where the server counts none. */
export const endCounting = (
  { targetUrl, names, plan }: FollowRun,
  before: number | null,
): Promise<number | null> =>
  withPatience(targetUrl, async (session) => {
    await endStream(session, names.out);
    const after = await countChanges(session, plan);
    // a server that has crashed begins to count anew
    return before === null || after === null || after < before ? null : after - before;
  });

/** Compares the snapshots. A failure is rolled back only when the target has taken no write since. */
export async function verifyOrDecide(
  run: FollowRun,
  { pair }: Made,
  work: WorkOptions,
): Promise<Readonly<Record<string, Fingerprint>>> {
  try {
    const fingerprints = await pair.verify(work);
    await refuseStale(run);
    work.signal.throwIfAborted();
    return fingerprints;
  } catch (error) {
    if (await isUnused(run, pair, work)) throw error;
    await finishOrKeep(run, messageOf(error));
    throw new KeptAfterSwitch(messageOf(error), run, error);
  }
}

/** From here on a failure must not be rolled back: the target may have taken writes. */
export async function finishOrKeep(run: FollowRun, found: string): Promise<void> {
  try {
    await removeFence(run.targetUrl, run.names.out);
    await finish(run);
  } catch (error) {
    throw new KeptAfterSwitch(
      `${found}. The streams could not be ended: ${messageOf(error)}. Run the same command with --clean-up in place of --follow`,
      { names: run.names, reverse: false },
      error,
    );
  }
}

/** Closes the target for writes first, so that none is lost between the comparison and a rollback. */
async function isUnused(run: FollowRun, pair: Made['pair'], { report }: WorkOptions): Promise<boolean> {
  const options = { signal: new AbortController().signal, report };
  const fence = fenceOf(run);
  const rolledBack = {
    message: 'The move of this table is rolled back',
    hint: 'Write to the database that held it before.',
  };
  try {
    await patiently(() => raiseFence(run.targetUrl, { ...fence, refusal: rolledBack }, options));
    return await pair.isTargetUnchanged(options);
  } catch (error) {
    report.log('warning', `Whether the target has taken writes cannot be read: ${messageOf(error)}`);
    return false;
  }
}

/** Ends the stream to the target, begins the one back where it is wanted, and forgets how to roll back. */
export async function finish(
  run: Pick<FollowRun, 'sourceUrl' | 'targetUrl' | 'names' | 'reverse' | 'targetFromSource'>,
): Promise<void> {
  await removeStreamOut(run);
  if (run.reverse) {
    const publisher = await addressFor(run.targetFromSource, run.targetUrl);
    await withPatience(run.sourceUrl, async (session) => {
      if (await subscriptionExists(session, run.names.back)) return;
      await createSubscription(session, run.names.back, publisher);
    });
  }
  await withPatience(run.targetUrl, dropCheckpoint);
}
