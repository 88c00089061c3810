import pg from 'pg';
import { SWITCHED } from '../../contracts/host/after-switch.ts';
import type { Session } from './session.ts';

/** Records in a service's database that the service has taken over from the monolith: it waits for this before it starts the tool. */
export async function announceSwitch(session: Session, database: string): Promise<void> {
  await session.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} SET ${SWITCHED} = 'on'`);
}
