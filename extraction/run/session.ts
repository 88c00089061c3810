import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';

/** Rows of a query, without parsing: every column that is not JSON arrives as text, `null` or boolean. */
export type Session = pg.Client;

/** Fixed, so that text made on one side can be compared with text made on the other. */
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
  // a reading of a large table spends more on the compiler than it gains
  'SET jit = off',
  'SET standard_conforming_strings = on',
  // a backend whose client was killed must not work on
  "SET client_connection_check_interval = '1s'",
].join('; ');

/** SQLSTATE of a server whose disk is full. */
export const DISK_FULL = '53100';

/** Where a URL points, without what it must not show. */
export function describeUrl(url: string): string {
  const at = new URL(url);
  return `${at.hostname || 'localhost'}:${at.port || '5432'}${at.pathname}`;
}

export interface SessionOptions {
  readonly url: string;
  readonly applicationName?: string;
  /** Keep the search path and settings of the user, as a fresh connection would have them. */
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
    // integers, numerics and dates stay text: nothing here is computed in JavaScript's numbers
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  // a lost connection also fails the query in flight, which is where it is handled
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (options.plain !== true) await client.query(FIXED);
  } catch (error) {
    await client.end().catch(() => undefined);
    if (sqlStateOf(error) === DISK_FULL) throw error; // the server answers: it has no room to let anybody in
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

/** All rows, in the shape that the caller knows the query to give. */
export async function rowsOf<T>(session: Session, sql: string, values: unknown[] = []): Promise<T[]> {
  const result = await session.query(sql, values);
  return result.rows as T[];
}

/** Value of a boolean SQL expression; NULL is false. */
export async function isTrue(session: Session, expression: string, values: unknown[] = []): Promise<boolean> {
  const [row] = await rowsOf<{ value: boolean | null }>(session, `SELECT ${expression} AS value`, values);
  return row?.value === true;
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** SQLSTATE of a server's error, else ''. */
export function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
