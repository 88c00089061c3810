import pg from 'pg';
import type { Session } from '../../run/session.ts';

/**
 * Why the server of `session` cannot subscribe to the database at `address`: rights, address, password or TLS; `null`
 * when it can. Tries it in a transaction that is rolled back.
 */
export async function trySubscription(
  session: Session,
  name: string,
  address: string,
): Promise<Error | null> {
  await session.query('BEGIN');
  try {
    await session.query(
      `CREATE SUBSCRIPTION ${pg.escapeIdentifier(`${name}_try`)} CONNECTION ${pg.escapeLiteral(address)} PUBLICATION ${pg.escapeIdentifier(name)}
         WITH (enabled = false, create_slot = false, slot_name = NONE, copy_data = false)`,
    );
    return null;
  } catch (error) {
    return error as Error;
  } finally {
    await session.query('ROLLBACK');
  }
}
