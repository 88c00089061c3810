import pg from 'pg';
import { SWITCHED } from '../../contracts/host/after-switch.ts';
import { isTrue, type Session } from './session.ts';

/** Records in a service's database that the service has taken over from the monolith: it waits for this before it starts the tool. */
export async function announceSwitch(session: Session, database: string): Promise<void> {
  await session.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} SET ${SWITCHED} = 'on'`);
}

/** Lets the service start the tool while the monolith serves. */
export async function announceShadow(session: Session, database: string): Promise<void> {
  await session.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} SET ${SWITCHED} = 'shadow'`);
}

/** Records that the monolith serves again. */
export async function withdrawSwitch(session: Session, database: string): Promise<void> {
  await session.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} RESET ${SWITCHED}`);
}

export const isAnnounced = (session: Session, database: string): Promise<boolean> =>
  isTrue(
    session,
    `EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
      WHERE d.datname = $1 AND s.setrole = 0 AND $2 = ANY (s.setconfig))`,
    [database, `${SWITCHED}=on`],
  );
