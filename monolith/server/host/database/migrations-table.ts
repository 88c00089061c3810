import type { ClientBase } from 'pg';
import type { Ledger } from '../../../../registry-api/store/sql-migrations.ts';

export type MigrationKind = 'migration' | 'seed';

/** Applied migrations and seeds of every tool, one row a file. */
const TABLE = `CREATE TABLE IF NOT EXISTS public.tool_migrations (
  tool_id    text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('migration', 'seed')),
  name       text NOT NULL,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tool_id, kind, name)
)`;

/** The owner's role of a tool writes the rows of that tool, in the transaction of the file. */
const OWN_ROWS = `
ALTER TABLE public.tool_migrations ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON public.tool_migrations;
CREATE POLICY own_rows ON public.tool_migrations
  USING (session_user = 'tool__' || replace(tool_id, '-', '_') || '__owner')`;

/** Call in the session that holds the set-up lock: concurrent CREATE TABLE IF NOT EXISTS statements may fail. */
export async function ensureMigrationsTable(db: ClientBase): Promise<void> {
  const { rows } = await db.query<{ secured: boolean }>(
    `SELECT relrowsecurity AS secured FROM pg_class WHERE oid = to_regclass('public.tool_migrations')`,
  );
  if (rows[0] === undefined) await db.query(TABLE);
  if (rows[0]?.secured !== true) await db.query(OWN_ROWS);
}

/** The rows of one tool and kind. */
export function toolLedger(db: ClientBase, toolId: string, kind: MigrationKind): Ledger {
  return {
    async read() {
      const { rows } = await db.query<{ name: string; checksum: string }>(
        'SELECT name, checksum FROM public.tool_migrations WHERE tool_id = $1 AND kind = $2',
        [toolId, kind],
      );
      return new Map(rows.map((row) => [row.name, row.checksum]));
    },
    add: ({ name, checksum }) =>
      db.query('INSERT INTO public.tool_migrations (tool_id, kind, name, checksum) VALUES ($1, $2, $3, $4)', [
        toolId,
        kind,
        name,
        checksum,
      ]),
    // Seeds fill the tables that migrations make, so they run again after a revert
    remove: (name) =>
      db.query(`DELETE FROM public.tool_migrations WHERE tool_id = $1 AND (name = $2 OR kind = 'seed')`, [
        toolId,
        name,
      ]),
  };
}
