import { whileSlotBegins } from './slot-wait.ts';
import { createSlotWithSnapshot, dropSlot } from './stream.ts';
import type { Progress } from '../api.ts';
import { dropCheckpoint, readCheckpoint, undoOf } from '../run/checkpoint.ts';
import { rollBack } from '../run/roll-back.ts';
import { runPlan } from '../run/run-plan.ts';
import { openSession } from '../run/session.ts';
import { verifyPlan } from '../run/verify-plan.ts';
import { withWorkers, type Work } from '../run/with-workers.ts';

/**
 * See `LivePort.copyAtSlot`. Rows of an earlier attempt are dropped: their snapshot is gone with its process.
 *
 * @param work `slotTimeoutMs`: longest time to wait for transactions of the source; missing: any
 * @param ledger whether the extraction ledger stays in the target, for a rollback by another process
 */
export async function copyAtSlot(
  work: Work & { readonly slotTimeoutMs?: number },
  slot: string,
  ledger: 'dropped' | 'kept' = 'dropped',
): Promise<number> {
  await removeEarlierAttempt(work, slot, ledger);
  const exported = await whileSlotBegins(
    { url: work.sourceUrl, timeoutMs: work.slotTimeoutMs },
    work,
    (signal) => createSlotWithSnapshot(work.sourceUrl, slot, signal),
  );
  try {
    return await withWorkers(work, exported.snapshot, async (source, target, workers) => {
      await exported.close(); // `source` holds the snapshot now
      const { plan, signal, report } = work;
      const progress = (made: Progress): void => report.progress({ ...made, phase: 'copying' });
      const options = { plan, workers, signal, progress };
      const copied = await runPlan({ ...options, source, target, checkpoint: null });
      await verifyPlan({ ...options, sequences: copied.sequences });
      await target.query('SET synchronous_commit = on');
      if (ledger === 'dropped') await dropCheckpoint(target);
      return Object.values(copied.tables).reduce((sum, table) => sum + table.rows, 0);
    });
  } finally {
    await exported.close();
  }
}

async function removeEarlierAttempt(
  { plan, sourceUrl, targetUrl }: Work,
  slot: string,
  ledger: 'dropped' | 'kept',
): Promise<void> {
  const source = await openSession({ url: sourceUrl });
  try {
    await dropSlot(source, slot);
  } finally {
    await source.end();
  }
  const target = await openSession({ url: targetUrl });
  try {
    const checkpoint = await readCheckpoint(target);
    // without its ledger, a copy whose ledger is kept has not begun
    if (checkpoint !== null || ledger === 'dropped')
      await rollBack(target, checkpoint ?? { undo: undoOf(plan) });
  } finally {
    await target.end();
  }
}
