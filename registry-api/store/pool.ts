import pg from 'pg';
import { surviveLostConnections } from '../../contracts/host/database-pool.ts';

/** A pool, or one of its connections: for statements that may run on either. */
export type Queryable = Pick<pg.Pool | pg.ClientBase, 'query'>;

export interface PoolOptions {
  /** Maximum number of connections; the embedded server allows 300 in total. */
  readonly max?: number;
  /** Statement timeout. */
  readonly statementTimeoutMs?: number;
  /** Timeout for getting a connection. */
  readonly connectTimeoutMs?: number;
  readonly applicationName?: string;
  /** Called when an idle connection breaks, for the log. The pool replaces the connection. */
  readonly onIdleError?: (error: Error) => void;
}

/**
 * A pool that survives a restart of PostgreSQL: broken connections are replaced, and a caller that gets no
 * connection in time (3 s by default) gets an error.
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
  surviveLostConnections(pool, (error) => options.onIdleError?.(error));
  return pool;
}

/** Runs `work` in one transaction. */
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
      broken = true; // the connection is broken, and its transaction with it
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
