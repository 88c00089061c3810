import type { Queryable } from './pool.ts';

/**
 * Advisory locks of the exporter. A lock belongs to its session: a process that dies releases the lock, and one
 * that has lost the session can no longer write the journal, which uses the same connection.
 */
const LOCK_SPACE = 0x67_70; // "gp": a key space of its own in the database

/** The compose file and the gateway have one writer at a time. */
export const INFRASTRUCTURE_LOCK = '#infrastructure';

/** The holder of a lock, by PostgreSQL. */
export interface LockHolder {
  readonly backendPid: number;
  /** For example `export inventory-tracker 4711@build-7`. */
  readonly application: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Acquires the lock `key` for the life of the session, or returns `false` at once. Counted: unlock as often. */
export async function tryLock(session: Queryable, key: string): Promise<boolean> {
  const { rows } = await session.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken',
    [LOCK_SPACE, key],
  );
  return rows[0]?.taken === true;
}

export async function unlock(session: Queryable, key: string): Promise<void> {
  await session.query('SELECT pg_advisory_unlock($1, hashtext($2))', [LOCK_SPACE, key]);
}

/** The holder of the lock `key`, or `null` when it is free. */
export async function lockHolder(db: Queryable, key: string): Promise<LockHolder | null> {
  const { rows } = await db.query<LockHolder>(
    `SELECT a.pid AS "backendPid", a.application_name AS application,
            to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid = $1::int::oid AND l.objid = (hashtext($2)::bigint & 4294967295)::oid`,
    [LOCK_SPACE, key],
  );
  return rows[0] ?? null;
}

/**
 * SQL condition: a living session holds the export lock of `toolId` (an SQL expression). For queries that check
 * whether an `in_progress` job still has an owner.
 */
export function lockIsHeldSql(toolId: string): string {
  return `EXISTS (SELECT 1 FROM pg_locks l
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.classid = ${LOCK_SPACE}::oid AND l.objid = (hashtext(${toolId})::bigint & 4294967295)::oid)`;
}
