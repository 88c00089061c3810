import { setTimeout as delay } from 'node:timers/promises';
import { rowsOf, type Session } from './session.ts';

/** A transaction that has written to one of the tables and has not ended. */
export interface Writer {
  readonly transaction: string;
  /** `null` for a prepared transaction. */
  readonly pid: number | null;
  readonly state: string | null;
  /** Its last statement, shortened. */
  readonly query: string | null;
}

const WRITERS = `
SELECT DISTINCT l.virtualtransaction AS transaction, l.pid, a.state, left(a.query, 200) AS query
  FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.relation = ANY ($1::regclass[]::oid[])
   AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
   AND a.backend_type IS DISTINCT FROM 'autovacuum worker'`;

/** Transactions that hold a writer's lock on one of the tables now. */
export const writersOf = (session: Session, tables: readonly string[]): Promise<Writer[]> =>
  rowsOf<Writer>(session, WRITERS, [tables]);

/**
 * Waits until every writer of this moment has ended. Later writers are not waited for: behind a closed fence they are
 * refused.
 *
 * @param until moment on the clock of `performance.now()`
 * @returns the writers that have not ended by then
 */
export async function untilWritersEnd(
  session: Session,
  tables: readonly string[],
  until: number,
): Promise<readonly Writer[]> {
  const first = await writersOf(session, tables);
  let left = first;
  while (left.length > 0 && performance.now() < until) {
    await delay(5);
    const now = new Set((await writersOf(session, tables)).map(({ transaction }) => transaction));
    left = first.filter(({ transaction }) => now.has(transaction));
  }
  return left;
}

export async function describeWriters(session: Session, tables: readonly string[]): Promise<string> {
  return (await writersOf(session, tables)).map(describeWriter).join('; ');
}

export const describeWriter = ({ transaction, pid, state, query }: Writer): string =>
  pid === null
    ? `prepared transaction ${transaction} (see pg_prepared_xacts)`
    : `pid ${pid} (${state ?? 'running'}): ${query ?? ''}`;
