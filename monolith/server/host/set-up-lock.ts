import type pg from 'pg';
import { withConnection } from '../../../registry-api/store/with-connection.ts';

/** The last set-up of this process, by database. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Runs `work` on a connection with the platform's own login that holds the set-up lock of all tools. Calls of one process
 * wait for each other without a connection and without a time limit, so any number of tools can be set up at once.
 */
export function withSetUpLock<T>(url: string, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const turn = (turns.get(url) ?? Promise.resolve()).then(() => locked(url, work));
  const settled = turn.then(
    () => undefined,
    () => undefined,
  );
  turns.set(url, settled);
  void settled.then(() => {
    if (turns.get(url) === settled) turns.delete(url);
  });
  return turn;
}

// A connection of its own: a pool limits the wait for one. Its end releases the lock.
const locked = <T>(url: string, work: (db: pg.Client) => Promise<T>): Promise<T> =>
  withConnection({ connectionString: url, application_name: 'platform:tools' }, async (db) => {
    await db.query(`SELECT pg_advisory_lock(hashtextextended('platform: set-up of tools', 0))`);
    return work(db);
  });
