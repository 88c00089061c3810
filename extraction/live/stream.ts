import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import type { StreamSpec } from './live-api.ts';
import { isTrue, messageOf, openSession, rowsOf, sqlStateOf, type Session } from '../run/session.ts';

/** SQLSTATEs of a server that could not connect to another one. */
const CONNECTION_FAILED = ['08001', '08006'];

const { escapeIdentifier: name, escapeLiteral: literal } = pg;

/**
 * Publishes the changes of exactly these tables; of a table with a list of columns, exactly those, so that it may get
 * more. Safe to call twice.
 */
export async function createPublication(
  session: Session,
  { name: publication, tables, columns = {} }: Pick<StreamSpec, 'name' | 'tables' | 'columns'>,
): Promise<void> {
  await dropPublication(session, publication);
  const entire = await tablesWithoutList(session, tables);
  const published = tables.map((table) => {
    const list = entire.includes(table) ? undefined : columns[table];
    return list === undefined || list.length === 0 ? table : `${table} (${list.join(', ')})`;
  });
  await session.query(`CREATE PUBLICATION ${name(publication)} FOR TABLE ONLY ${published.join(', ONLY ')}`);
}

/** PostgreSQL refuses updates when the list lacks a column of the replica identity, and any list for a full one. */
async function tablesWithoutList(session: Session, tables: readonly string[]): Promise<readonly string[]> {
  const rows = await rowsOf<{ name: string }>(
    session,
    `SELECT t.name FROM unnest($1::text[]) AS t(name) JOIN pg_class c ON c.oid = t.name::regclass
      WHERE c.relreplident IN ('f', 'n') OR EXISTS (
        SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND a.attgenerated <> ''
         WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident))`,
    [tables],
  );
  return rows.map((row) => row.name);
}

export async function dropPublication(session: Session, publication: string): Promise<void> {
  await session.query(`DROP PUBLICATION IF EXISTS ${name(publication)}`);
}

/** A slot with the snapshot of the moment from which it keeps changes. */
export interface ExportedSlot {
  /** Valid until `close`, or for as long as another transaction reads it. */
  readonly snapshot: string;
  close(): Promise<void>;
}

/** Creates the slot anew; waits until all transactions that write now have ended. */
export async function createSlotWithSnapshot(
  url: string,
  slot: string,
  signal: AbortSignal,
): Promise<ExportedSlot> {
  const session = await openSession({ url, replication: true });
  const close = (): Promise<void> => session.end().catch(() => undefined);
  // a waiting server hears of no `end`
  const cut = (): void => {
    (session as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  };
  signal.addEventListener('abort', cut);
  try {
    const { rows } = await session.query<{ snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${name(slot)} LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('CREATE_REPLICATION_SLOT gave no row');
    return { snapshot: row.snapshot_name, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

const slotExists = (session: Session, slot: string): Promise<boolean> =>
  isTrue(session, 'EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)', [slot]);

/** Keeps all changes of this database from now on. Safe to call twice. */
export async function createSlot(session: Session, slot: string): Promise<void> {
  if (await slotExists(session, slot)) return;
  await session.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
}

/** Forgets the changes of a slot that were made until now; they are never sent. Nothing may read the slot. */
export async function advanceSlot(session: Session, slot: string): Promise<void> {
  await session.query('SELECT pg_replication_slot_advance($1, pg_current_wal_flush_lsn())', [slot]);
}

const TRIES = 100;

/** Ends its reader first. Safe to call twice. */
export async function dropSlot(session: Session, slot: string): Promise<void> {
  for (let n = 1; await slotExists(session, slot); n++)
    try {
      await session.query(
        'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL',
        [slot],
      );
      await session.query(
        'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1',
        [slot],
      );
    } catch (error) {
      if (n === TRIES) throw error;
      await delay(50);
    }
}

export const subscriptionExists = (session: Session, subscription: string): Promise<boolean> =>
  isTrue(
    session,
    'EXISTS (SELECT FROM pg_subscription WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))',
    [subscription],
  );

/**
 * Applies the changes that the slot of this name keeps at `publisherUrl`. Safe to call twice, also with another address of
 * the same publisher. The worker commits synchronously, because it confirms only what is flushed: a switch would wait for
 * the flush otherwise.
 *
 * @throws PlatformError `database-unreachable` when the session's server does not reach `publisherUrl`
 */
export async function createSubscription(
  session: Session,
  subscription: string,
  publisherUrl: string,
): Promise<void> {
  const subscribe = (): Promise<void> =>
    subscribeTo(session, subscription, publisherUrl, `slot_name = ${literal(subscription)}`);
  if (!(await subscriptionExists(session, subscription))) return subscribe();
  // only a superuser may read it
  const [row] = await rowsOf<{ conninfo: string; slot: string | null; enabled: boolean }>(
    session,
    `SELECT subconninfo AS conninfo, subslotname AS slot, subenabled AS enabled FROM pg_subscription
       WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [subscription],
  );
  if (row === undefined || row.slot === null) {
    // one that has lost its slot applies nothing more
    await dropSubscription(session, subscription);
    return subscribe();
  }
  if (row.conninfo !== publisherUrl)
    await session.query(`ALTER SUBSCRIPTION ${name(subscription)} CONNECTION ${literal(publisherUrl)}`);
  if (!row.enabled) await session.query(`ALTER SUBSCRIPTION ${name(subscription)} ENABLE`);
}

/** Subscribes in a transaction that is rolled back. @throws what `createSubscription` would */
export async function trySubscription(
  session: Session,
  subscription: string,
  publisherUrl: string,
): Promise<void> {
  await session.query('BEGIN');
  try {
    await subscribeTo(session, subscription, publisherUrl, 'slot_name = NONE, enabled = false');
  } finally {
    await session.query('ROLLBACK');
  }
}

async function subscribeTo(
  session: Session,
  subscription: string,
  publisherUrl: string,
  options: string,
): Promise<void> {
  try {
    await session.query(
      `CREATE SUBSCRIPTION ${name(subscription)} CONNECTION ${literal(publisherUrl)} PUBLICATION ${name(subscription)}
         WITH (create_slot = false, copy_data = false, synchronous_commit = on, ${options})`,
    );
  } catch (error) {
    if (!CONNECTION_FAILED.includes(sqlStateOf(error))) throw error;
    throw new PlatformError(
      'database-unreachable',
      `The PostgreSQL server of ${session.database ?? 'the follower'} does not reach ${placeOf(publisherUrl)}, which it has to follow: ${messageOf(error)}. ` +
        'Let firewall and pg_hba.conf pass the connection, or export with --cutover=fenced.',
      { cause: error },
    );
  }
}

/** A connection string in libpq's words is no URL; the server's message names its address then. */
function placeOf(publisherUrl: string): string {
  if (!URL.canParse(publisherUrl)) return 'the database';
  const { hostname, port, pathname } = new URL(publisherUrl);
  return `${hostname}:${port || '5432'}${pathname}`;
}

/** Applies nothing until `createSubscription` is called again. Waits for the worker. Safe to call twice. */
export async function pauseSubscription(session: Session, subscription: string): Promise<void> {
  if (!(await subscriptionExists(session, subscription))) return;
  await session.query(`ALTER SUBSCRIPTION ${name(subscription)} DISABLE`);
  while ((await workerState(session, subscription)).running) await delay(20);
}

/** The slot stays. Safe to call twice. */
export async function dropSubscription(session: Session, subscription: string): Promise<void> {
  if (!(await subscriptionExists(session, subscription))) return;
  await session.query(`ALTER SUBSCRIPTION ${name(subscription)} DISABLE`);
  await session.query(`ALTER SUBSCRIPTION ${name(subscription)} SET (slot_name = NONE)`);
  await session.query(`DROP SUBSCRIPTION ${name(subscription)}`);
}

/** The present write position, which includes everything that is committed. */
export async function writePosition(session: Session): Promise<string> {
  const [row] = await rowsOf<{ lsn: string }>(session, 'SELECT pg_current_wal_flush_lsn()::text AS lsn');
  if (row === undefined) throw new Error('pg_current_wal_flush_lsn() gave no row');
  return row.lsn;
}

/** Bytes of WAL between what the reader of the slot has confirmed and `lsn` (missing: now); `null` without the slot. */
export async function lagOf(
  session: Session,
  slot: string,
  lsn: string | null = null,
): Promise<number | null> {
  const [row] = await rowsOf<{ bytes: string | null }>(
    session,
    `SELECT greatest(0, pg_wal_lsn_diff(coalesce($2::pg_lsn, pg_current_wal_flush_lsn()), confirmed_flush_lsn)) AS bytes
       FROM pg_replication_slots WHERE slot_name = $1`,
    [slot, lsn],
  );
  return row?.bytes === undefined || row.bytes === null ? null : Number(row.bytes);
}

/** Whether the apply worker runs, and how many changes it has failed to apply. */
export interface WorkerState {
  readonly running: boolean;
  readonly errors: number;
}

export async function workerState(session: Session, subscription: string): Promise<WorkerState> {
  const [row] = await rowsOf<{ running: boolean; errors: string }>(
    session,
    `SELECT bool_or(s.pid IS NOT NULL) AS running, coalesce(max(e.apply_error_count), 0) AS errors
       FROM pg_stat_subscription s LEFT JOIN pg_stat_subscription_stats e USING (subid)
      WHERE s.subname = $1`,
    [subscription],
  );
  return { running: row?.running ?? false, errors: Number(row?.errors ?? 0) };
}
