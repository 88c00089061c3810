import type { ExtractionPlan } from '../plan/plan.ts';
import { openSession, rowsOf, type Session } from './session.ts';

export interface Snapshot {
  readonly id: string;
  /** Holds the snapshot open; the catalogs are read through it. */
  readonly session: Session;
  close(): Promise<void>;
}

/** Schemas in which a plain connection of this user looks names up. */
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
 * One moment of the source, for every session that reads it. The tables are locked against changes of their
 * structure first (ACCESS SHARE, which hinders no reader and no writer), because COPY shows what a table is now, not
 * what it was at the snapshot.
 */
export async function openSnapshot(
  url: string,
  plan: Pick<ExtractionPlan, 'tables'> | null,
): Promise<Snapshot> {
  const session = await openSession({ url });
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
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
