import type { WorkOptions } from '../../api.ts';
import { copyAtSlot } from '../copy-at-slot.ts';
import { createPublication, createSlotWithSnapshot, createSubscription } from '../stream.ts';
import { countChanges } from './applied-changes.ts';
import { addressFor, type FollowRun } from './follow-run.ts';
import { withPatience } from './patience.ts';
import { whileSlotBegins } from '../slot-wait.ts';

export interface Copied {
  readonly copiedRows: number;
  /** Changes that the target has counted before the stream. */
  readonly countedBefore: number | null;
}

/** Copies the tables at the beginning of a slot, whose changes the target applies from then on. */
export async function copyAndSubscribe(run: FollowRun, work: WorkOptions): Promise<Copied> {
  const { sourceUrl, targetUrl, names, plan } = run;
  const tables = plan.tables.map(({ name }) => name);
  await withPatience(sourceUrl, (session) => createPublication(session, { name: names.out, tables }));
  const copiedRows = await copyAtSlot({ ...run, ...work, slotTimeoutMs: run.timeoutMs }, names.out, 'kept');
  if (run.reverse) await reserveWayBack(run, work, tables);
  const publisher = await addressFor(run.sourceFromTarget, sourceUrl);
  const countedBefore = await withPatience(targetUrl, (session) => countChanges(session, plan));
  await withPatience(targetUrl, (session) => createSubscription(session, names.out, publisher));
  return { copiedRows, countedBefore };
}

/** Before the switch, because a slot waits for every transaction of its server. */
async function reserveWayBack(
  { targetUrl, names, timeoutMs }: FollowRun,
  work: WorkOptions,
  tables: readonly string[],
): Promise<void> {
  await withPatience(targetUrl, (session) => createPublication(session, { name: names.back, tables }));
  await whileSlotBegins({ url: targetUrl, timeoutMs }, work, async (signal) => {
    const slot = await createSlotWithSnapshot(targetUrl, names.back, signal);
    await slot.close();
  });
}
