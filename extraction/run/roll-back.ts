import { dropCheckpoint, type Checkpoint } from './checkpoint.ts';
import { unlinkLargeObjects } from './large-objects.ts';
import type { Session } from './session.ts';

/** Undoes everything that the checkpoint covers, in one transaction: complete, or without effect. */
export async function rollBack(
  session: Session,
  checkpoint: Pick<Checkpoint, 'undo'> & Partial<Pick<Checkpoint, 'done'>>,
): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query("SET LOCAL lock_timeout = '30s'");
    if (checkpoint.done !== undefined) await unlinkLargeObjects(session, checkpoint.done);
    for (const sql of checkpoint.undo) await session.query(sql);
    await dropCheckpoint(session);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
