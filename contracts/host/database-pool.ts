import type { Pool } from 'pg';

/** Longest wait for a connection, longest statement and longest idle transaction of a tool, in milliseconds. */
export const POOL_TIMEOUTS = {
  connectionTimeoutMillis: 10_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
} as const;

/**
 * Keeps the process alive when a connection breaks: an error event without a listener would end it. A connection in
 * use reports the break to its next query; an idle one is replaced, and `onLost` is called.
 */
export function surviveLostConnections(pool: Pool, onLost: (error: Error) => void): void {
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  pool.on('error', onLost);
}
