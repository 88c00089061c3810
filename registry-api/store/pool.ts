import pg from 'pg';

/** A pool, or one of its connections: for statements that may run on either. */
export type Queryable = Pick<pg.Pool | pg.ClientBase, 'query'>;

export interface PoolOptions {
  /** Most connections at once; the embedded server allows 300 for everybody. */
  readonly max?: number;
  /** A statement that runs longer is cancelled. */
  readonly statementTimeoutMs?: number;
  /** How long a caller waits for a connection before being told that there is none. */
  readonly connectTimeoutMs?: number;
  readonly applicationName?: string;
  /** An idle connection broke. The pool replaces it by itself; this is for the log. */
  readonly onIdleError?: (error: Error) => void;
}

/**
 * A pool that survives a restart of PostgreSQL: broken connections are dropped and made anew, and a caller who
 * cannot get one in time (three seconds, unless said otherwise) is told so instead of waiting.
 */
export function createPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: options.applicationName ?? 'registry-api',
  });
  // The pool hears of broken connections while they are idle. One that breaks in somebody's hands between two
  // statements would end the process; whoever holds it learns of it from the next statement.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => options.onIdleError?.(error));
  return pool;
}

/** Runs `work` in one transaction: all of it is kept, or nothing. */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true; // the connection is gone, and with it the transaction
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
