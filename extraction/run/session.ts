import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';

/** A connection that returns every column as text, boolean, small integer, parsed JSON or null. */
export type Session = pg.Client;

/** Fixed, so that texts of both sides can be compared. */
const FIXED = [
  "SET search_path = ''",
  "SET datestyle = 'ISO, YMD'",
  "SET intervalstyle = 'postgres'",
  "SET timezone = 'UTC'",
  'SET extra_float_digits = 3',
  "SET bytea_output = 'hex'",
  "SET lc_monetary = 'C'",
  'SET xmloption = content',
  'SET row_security = off',
  'SET statement_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  'SET quote_all_identifiers = off',
  // for scans of large tables the compiler costs more than it saves
  'SET jit = off',
  'SET standard_conforming_strings = on',
  // the backend of a killed client must stop
  "SET client_connection_check_interval = '1s'",
].join('; ');

/** SQLSTATEs of a server whose disk is full, and of a database that does not exist. */
export const DISK_FULL = '53100';
export const NO_SUCH_DATABASE = '3D000';

/** Host, port and database of a URL, without its password. */
export function describeUrl(url: string): string {
  const at = new URL(url);
  return `${at.hostname || 'localhost'}:${at.port || '5432'}${at.pathname}`;
}

export interface SessionOptions {
  readonly url: string;
  readonly applicationName?: string;
  /** Keeps the user's own search path and settings. */
  readonly plain?: boolean;
}

/**
 * Opens one direct connection. The caller ends it.
 *
 * @throws PlatformError `database-unreachable`, saying where.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName ?? 'gulp extract',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
    // bigint, numeric and dates stay text, because JavaScript's numbers would round them
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  // a lost connection also fails the running query, where it is handled
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (options.plain !== true) await client.query(FIXED);
  } catch (error) {
    await client.end().catch(() => undefined);
    if (sqlStateOf(error) === DISK_FULL) throw error; // the server is reachable, but its disk is full
    throw new PlatformError(
      'database-unreachable',
      `The database at ${describeUrl(options.url)} does not answer: ${messageOf(error)}. Check the URL, then try again.`,
      { cause: error },
    );
  }
  return client;
}

const { builtins } = pg.types;

const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.BOOL, (text) => text === 't'],
  [builtins.JSON, (text) => JSON.parse(text) as unknown],
  [builtins.JSONB, (text) => JSON.parse(text) as unknown],
  [builtins.INT2, Number],
  [builtins.INT4, Number],
]);

const parserOf = (oid: number): ((text: string) => unknown) => PARSERS.get(oid) ?? ((text) => text);

/** All rows, in the shape that the caller expects of the query. */
export async function rowsOf<T>(session: Session, sql: string, values: unknown[] = []): Promise<T[]> {
  const result = await session.query(sql, values);
  return result.rows as T[];
}

/** Value of a boolean SQL expression; NULL is false. */
export async function isTrue(session: Session, expression: string, values: unknown[] = []): Promise<boolean> {
  const [row] = await rowsOf<{ value: boolean | null }>(session, `SELECT ${expression} AS value`, values);
  return row?.value === true;
}

/** Whether a connection failed because the database does not exist; its server answers. */
export const isMissingDatabase = (error: unknown): boolean =>
  error instanceof Error && sqlStateOf(error.cause) === NO_SUCH_DATABASE;

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** SQLSTATE of a server's error; otherwise ''. */
export function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
