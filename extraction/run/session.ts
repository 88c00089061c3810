import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { connectionAttempts, isAboutEncryption } from './connection-attempts.ts';
import { APPLY_SETTINGS, SESSION_SETTINGS } from './session-settings.ts';

/** A connection that returns every column as text, boolean, small integer, parsed JSON or null. */
export type Session = pg.Client;

/** SQLSTATEs of a server whose disk is full, and of a database that does not exist. */
export const DISK_FULL = '53100';
export const NO_SUCH_DATABASE = '3D000';

/** Host, port and database of a URL, without its password. */
function describeUrl(url: string): string {
  const at = new URL(url);
  return `${at.hostname || 'localhost'}:${at.port || '5432'}${at.pathname}`;
}

export interface SessionOptions {
  readonly url: string;
  readonly applicationName?: string;
  /** Keeps the user's own search path and settings. */
  readonly plain?: boolean;
  /** Speaks the replication protocol, which takes simple statements only. */
  readonly replication?: boolean;
}

/**
 * Opens one direct connection. The caller ends it.
 *
 * @throws PlatformError `database-unreachable`, saying where; `database-pooled` behind a connection pooler.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const [first = options.url, ...others] = connectionAttempts(options.url);
  try {
    return await openAt(first, options);
  } catch (error) {
    const [second] = others;
    if (second === undefined || !isAboutEncryption(messageOf(error))) throw error;
    return await openAt(second, options);
  }
}

async function openAt(connectionString: string, options: SessionOptions): Promise<Session> {
  let client: Session | null = null;
  try {
    client = new pg.Client({
      connectionString,
      application_name: options.applicationName ?? 'gulp extract',
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
      ...(options.replication === true ? { replication: 'database' } : {}),
      // bigint, numeric and dates stay text, because JavaScript's numbers would round them
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // a lost connection also fails the running query, where it is handled
    client.on('error', () => undefined);
    await client.connect();
    if (options.replication === true) return client;
    await refusePooler(client, options.url);
    if (options.plain !== true) await rowsOf(client, APPLY_SETTINGS, [JSON.stringify(SESSION_SETTINGS)]);
    return client;
  } catch (error) {
    await client?.end().catch(() => undefined);
    // the server is reachable, but its disk is full
    if (sqlStateOf(error) === DISK_FULL || error instanceof PlatformError) throw error;
    throw new PlatformError(
      'database-unreachable',
      `The database at ${describeUrl(options.url)} does not answer: ${messageOf(error)}. Check the URL, then try again.`,
      { cause: error },
    );
  }
}

/**
 * A pooler may run the statements of one connection in sessions that other clients get afterwards, settings included. It
 * makes up the process number that it tells its clients, so the number differs from the backend's.
 */
async function refusePooler(client: Session, url: string): Promise<void> {
  const told = (client as unknown as { readonly processID: number | null }).processID;
  const [row] = await rowsOf<{ pid: number }>(client, 'SELECT pg_catalog.pg_backend_pid() AS pid');
  if (told === null || row?.pid === told) return;
  throw new PlatformError(
    'database-pooled',
    `${describeUrl(url)} is a connection pooler such as PgBouncer: settings and snapshots of an extraction would reach the sessions of other clients. Use the address of the PostgreSQL server itself, then try again.`,
  );
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
