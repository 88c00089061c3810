import pg from 'pg';
import type { ExtractionPlan } from '../plan/plan.ts';
import { openSession, rowsOf, type Session } from './session.ts';

export interface Snapshot {
  readonly id: string;
  /** Keeps the snapshot open; the catalogs are read through it. */
  readonly session: Session;
  close(): Promise<void>;
}

/** The search path of a plain connection of this user. */
export async function readSearchPath(url: string): Promise<string[]> {
  const session = await openSession({ url, plain: true });
  try {
    const rows = await rowsOf<{ name: string }>(
      session,
      'SELECT unnest(current_schemas(false))::text AS name',
    );
    return rows.map((row) => row.name);
  } finally {
    await session.end();
  }
}

/**
 * One snapshot of the source for all sessions. Locks the tables first (ACCESS SHARE, which blocks neither readers nor
 * writers), because COPY uses a table's current structure, not that of the snapshot.
 *
 * @param exported the snapshot of another session, which is open; without it, the snapshot of this moment
 */
export async function openSnapshot(
  url: string,
  plan: Pick<ExtractionPlan, 'tables'> | null,
  exported: string | null = null,
): Promise<Snapshot> {
  const session = await openSession({ url });
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (exported !== null) await session.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(exported)}`);
    if (plan !== null && plan.tables.length > 0)
      await session.query(
        `LOCK TABLE ONLY ${plan.tables.map((table) => table.name).join(', ONLY ')} IN ACCESS SHARE MODE`,
      );
    const [row] = await rowsOf<{ id: string }>(session, 'SELECT pg_export_snapshot() AS id');
    if (row === undefined) throw new Error('pg_export_snapshot() gave no row');
    return { id: row.id, session, close: () => session.end() };
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}
