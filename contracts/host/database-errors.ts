import { isConnectionError } from './database-pool.ts';

/** SQLSTATEs (PostgreSQL manual, appendix A) after which the same request may succeed a little later. */
const AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '53200', '53100', '25P03', '57014']);
const BUSY = new Set(['40001', '40P01', '55P03']);
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** node-postgres gives these errors no code. */
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|^timeout expired$|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed|not queryable|server closed the connection/i;

/** Whether PostgreSQL is away, restarting, overloaded or busy, so that a retry may succeed. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const { code } = error as { code?: unknown };
  if (typeof code === 'string')
    return AWAY.has(code) || BUSY.has(code) || SOCKET.has(code) || code.startsWith('08');
  return MESSAGES.test(error.message);
}

/**
 * Whether the database of a tool's host is away. A tool connects to other servers, too, and opens files: codes such as
 * ECONNREFUSED and ENOENT mean the database only in errors of the host's pool.
 */
export function isToolDatabaseAway(error: unknown): boolean {
  if (!isDatabaseAway(error)) return false;
  if (isConnectionError(error)) return true;
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  return typeof code === 'string' ? !SOCKET.has(code) : LOST_BEFORE.test(message);
}

/** What node-postgres throws for a query on a connection whose break it has already reported. */
const LOST_BEFORE = /^Client (?:has encountered a connection error|was closed) and is not queryable/;

/** Whether PostgreSQL rejected a value of the request: class 22, data exceptions. */
export function isBadValue(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code);
}
