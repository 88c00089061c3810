import { setTimeout as delay } from 'node:timers/promises';
import type { ExtractionPlan } from '../../plan/plan.ts';
import { isTrue, rowsOf, type Session } from '../../run/session.ts';
import { dropSubscription } from '../stream.ts';

const COUNTED = `
SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::text AS changes FROM pg_stat_user_tables
 WHERE relid = ANY ($1::regclass[]::oid[]) AND current_setting('track_counts')::boolean`;

/** Rows inserted, updated and deleted in the tables since the server counts; `null` where it counts none. */
export async function countChanges(session: Session, plan: ExtractionPlan): Promise<number | null> {
  const tables = plan.tables.map(({ name }) => name);
  const [row] = await rowsOf<{ changes: string | null }>(session, COUNTED, [tables]);
  return row?.changes === undefined || row.changes === null ? null : Number(row.changes);
}

const TRIES = 100;

/** Drops the subscription and waits until its worker has exited, because it reports its counts then. */
export async function endStream(session: Session, subscription: string): Promise<void> {
  const workers = await rowsOf<{ pid: number }>(
    session,
    'SELECT pid FROM pg_stat_subscription WHERE subname = $1 AND pid IS NOT NULL',
    [subscription],
  );
  await dropSubscription(session, subscription);
  const pids = workers.map(({ pid }) => pid);
  const areLeft = (): Promise<boolean> =>
    isTrue(session, 'EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY ($1::int[]))', [pids]);
  for (let n = 0; n < TRIES && (await areLeft()); n++) await delay(10);
}
