import { PlatformError } from '../../contracts/errors.ts';
import { rowsOf, sqlStateOf, type Session } from '../run/session.ts';

interface ReplicaTrigger {
  readonly table: string;
  readonly name: string;
  readonly mode: 'ALWAYS' | 'REPLICA';
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Triggers that fire in a replica too: they would repeat what they did in the service. */
const REPLICA_TRIGGERS = `
SELECT tgrelid::regclass::text AS table, quote_ident(tgname) AS name, CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END AS mode
FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('A', 'R') AND tgrelid IN (SELECT to_regclass(name) FROM unnest($1::text[]) name)
ORDER BY 1, 2`;

/**
 * Makes this transaction write as replication does: no trigger fires, the fence's included, and no foreign key is
 * checked; the caller checks them at the end. Returns the function that enables the disabled triggers again.
 *
 * @throws PlatformError `bring-back-refused` without the right to do so.
 */
export async function disableTriggers(
  session: Session,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  await becomeReplica(session);
  const triggers = await rowsOf<ReplicaTrigger>(session, REPLICA_TRIGGERS, [tables]);
  for (const { table, name } of triggers) await session.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);
  return async () => {
    for (const { table, name, mode } of triggers)
      await session.query(`ALTER TABLE ${table} ENABLE ${mode} TRIGGER ${name}`);
  };
}

async function becomeReplica(session: Session): Promise<void> {
  try {
    await session.query('SET LOCAL session_replication_role = replica');
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new PlatformError(
      'bring-back-refused',
      `Syncing rows back bypasses the fence, which needs a privilege that the platform's database user lacks. As a superuser: GRANT SET ON PARAMETER session_replication_role TO ${session.user ?? 'it'};`,
      { cause: error },
    );
  }
}
