import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** The work of this process on one database under one lock, which runs one after the other. */
interface Queue {
  last: Promise<unknown>;
  length: number;
  /** Holds the lock; kept open while others wait, because a start sets up every tool. */
  connection: pg.Client | null;
}

const queues = new Map<string, Queue>();

/**
 * Runs `work` on a connection with the platform's own login that holds the set-up lock of all tools. Calls of one process
 * wait for each other without a connection and without a time limit, so any number of tools can be set up at once.
 */
export const withSetUpLock = <T>(url: string, work: Work<T>): Promise<T> =>
  inTurn({ url, lock: 'platform: set-up of tools' }, work);

/**
 * The same with the lock of migrations. It is another lock, so that tools without pending migrations never wait for a
 * slow migration of another tool.
 */
export const withMigrationLock = <T>(url: string, work: Work<T>): Promise<T> =>
  inTurn({ url, lock: 'platform: migrations of tools' }, work);

type Work<T> = (db: pg.Client) => Promise<T>;

interface Place {
  readonly url: string;
  readonly lock: string;
}

function inTurn<T>(place: Place, work: Work<T>): Promise<T> {
  const key = JSON.stringify(place);
  const queue = queues.get(key) ?? { last: Promise.resolve(), length: 0, connection: null };
  queues.set(key, queue);
  queue.length++;
  const turn = queue.last
    .then(() => takeTurn(place, queue, work))
    .finally(() => {
      if (queue.length === 0) queues.delete(key);
    });
  queue.last = turn.catch(() => undefined);
  return turn;
}

async function takeTurn<T>(place: Place, queue: Queue, work: Work<T>): Promise<T> {
  let isUsable = false;
  try {
    queue.connection ??= await openLocked(place);
    const result = await work(queue.connection);
    isUsable = true;
    return result;
  } finally {
    queue.length--;
    // A failure may leave a transaction open. The end of the connection releases the lock
    if (!isUsable || queue.length === 0) {
      const { connection } = queue;
      queue.connection = null;
      await connection?.end().catch(() => undefined);
    }
  }
}

const RETRY_MS = 100;

/** Every role may take any advisory lock; a tool that keeps this one would stop all others from starting. */
const END_TOOLS_WITH_LOCK = `
SELECT pg_terminate_backend(l.pid)
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database() AND starts_with(a.usename, 'tool__')
   AND (l.classid::bigint << 32) + l.objid::bigint = hashtextextended($1, 0)`;

/** Not of a pool, which limits the wait for a connection. */
async function openLocked({ url, lock }: Place): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: url, application_name: 'platform:tools' });
  // A disconnect between two statements is an event, which without a listener would end the process
  db.on('error', () => undefined);
  try {
    await db.connect();
    // Functions of tools in the schema public must not be called by the platform's user
    await db.query(`SET search_path = pg_catalog`);
    for (;;) {
      const { rows } = await db.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
        [lock],
      );
      if (rows[0]?.locked === true) return db;
      // A user without SUPERUSER may not end their sessions
      await db.query(END_TOOLS_WITH_LOCK, [lock]).catch(() => undefined);
      await sleep(RETRY_MS);
    }
  } catch (error) {
    await db.end().catch(() => undefined);
    throw error;
  }
}
