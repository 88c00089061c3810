import type { Fingerprint } from '../api.ts';
import { checksumTable } from './checksum.ts';
import { openSession, rowsOf } from './session.ts';

/**
 * Current fingerprints of tables, comparable with those that `verify` keeps with the job: equal fingerprints mean that
 * no row was written since. `tables` are SQL names; a missing table gives null.
 */
export async function fingerprintTables(
  url: string,
  tables: readonly string[],
): Promise<Record<string, Fingerprint | null>> {
  const session = await openSession({ url });
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const found: Record<string, Fingerprint | null> = {};
    for (const name of tables) {
      const columns = await rowsOf<{ name: string }>(
        session,
        `SELECT quote_ident(attname) AS name FROM pg_attribute
         WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
        [name],
      );
      const [there] = await rowsOf<{ there: boolean }>(
        session,
        'SELECT to_regclass($1) IS NOT NULL AS there',
        [name],
      );
      if (there?.there !== true) {
        found[name] = null;
        continue;
      }
      const checksum = await checksumTable(session, { name, compared: columns.map((column) => column.name) });
      found[name] = { rows: checksum.rows, checksum: checksum.digest };
    }
    return found;
  } finally {
    await session.end();
  }
}
