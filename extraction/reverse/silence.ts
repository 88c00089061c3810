import { PlatformError } from '../../contracts/errors.ts';
import { rowsOf, sqlStateOf, type Session } from '../run/session.ts';

interface LoudTrigger {
  readonly table: string;
  readonly name: string;
  readonly mode: 'ALWAYS' | 'REPLICA';
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Triggers that fire even for a replica: they would do a second time what they did in the service. */
const LOUD = `
SELECT tgrelid::regclass::text AS table, quote_ident(tgname) AS name, CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END AS mode
FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('A', 'R') AND tgrelid IN (SELECT to_regclass(name) FROM unnest($1::text[]) name)
ORDER BY 1, 2`;

/**
 * Makes this transaction write as replication does: no trigger fires, the fence's included, and no foreign key is
 * checked (the caller does, at the end). Gives the statement that ends it, for triggers that had to be switched off.
 *
 * @throws PlatformError `bring-back-refused` without the right to.
 */
export async function silenceTriggers(session: Session, tables: readonly string[]): Promise<() => Promise<void>> {
  try {
    await session.query('SET LOCAL session_replication_role = replica');
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new PlatformError('bring-back-refused', `Rows can come home only past the fence, which takes a right that the platform's database user lacks. As a superuser: GRANT SET ON PARAMETER session_replication_role TO ${session.user ?? 'it'};`, { cause: error });
  }
  const loud = await rowsOf<LoudTrigger>(session, LOUD, [tables]);
  for (const { table, name } of loud) await session.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);
  return async () => {
    for (const { table, name, mode } of loud) await session.query(`ALTER TABLE ${table} ENABLE ${mode} TRIGGER ${name}`);
  };
} // prettier-ignore
