import type { Pool } from 'pg';

/** Longest wait for a connection, longest statement and longest idle transaction of a tool, in milliseconds. */
export const POOL_TIMEOUTS = {
  connectionTimeoutMillis: 10_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
} as const;

/** Errors of connections of the pools below: their codes, such as ECONNREFUSED, do not tell whose connection failed. */
const connectionErrors = new WeakSet();

/** Whether a pool of {@link surviveLostConnections} has failed to connect, or has lost a connection, with this error. */
export const isConnectionError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && connectionErrors.has(error);

/**
 * Keeps the process alive when a connection breaks: an error event without a listener would end it. A connection in
 * use reports the break to its next query; an idle one is replaced, and `onLost` is called.
 */
export function surviveLostConnections(pool: Pool, onLost: (error: Error) => void): void {
  pool.on('connect', (client) => {
    client.on('error', remember);
  });
  pool.on('error', onLost);
  const connect = pool.connect.bind(pool);
  // `pool.query` connects by this method, too, with a callback
  const reporting = (callback?: ConnectCallback): unknown => {
    if (callback === undefined)
      return connect().catch((error: unknown) => {
        remember(error);
        throw error;
      });
    connect((error, ...rest) => {
      remember(error);
      callback(error, ...rest);
    });
    return undefined;
  };
  pool.connect = reporting as Pool['connect'];
}

type ConnectCallback = Parameters<Pool['connect']>[0];

const remember = (error: unknown): void => {
  if (typeof error === 'object' && error !== null) connectionErrors.add(error);
};
