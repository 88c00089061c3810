import pg from 'pg';
import type { DatabaseSpec } from '../api.ts';
import { isTrue, type Session } from './session.ts';
import { databaseOf, openMaintenance } from './target.ts';

const { escapeIdentifier, escapeLiteral } = pg;

type Locale = Pick<DatabaseSpec, 'encoding' | 'collate' | 'ctype'>;

const createSql = (name: string, { encoding, collate, ctype }: Locale): string =>
  `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0 ENCODING ${escapeLiteral(encoding)} LC_COLLATE ${escapeLiteral(collate)} LC_CTYPE ${escapeLiteral(ctype)}`;

const dropSql = (name: string): string => `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`;

/** Creates the database of `url` from template0, with the encoding and locale of the source. */
export async function createDatabase(url: string, locale: Locale): Promise<void> {
  const session = await openMaintenance(url);
  try {
    await session.query(createSql(databaseOf(url), locale));
  } finally {
    await session.end();
  }
}

/** Ends all connections to it. Safe to call twice. */
export async function dropDatabase(url: string): Promise<void> {
  const session = await openMaintenance(url);
  try {
    await dropDatabaseNamed(session, databaseOf(url));
  } finally {
    await session.end();
  }
}

export async function dropDatabaseNamed(session: Session, name: string): Promise<void> {
  await session.query(dropSql(name));
}

/** A database of which only the owner and the named roles can connect. Safe to call twice. */
export async function ensureDatabase(session: Session, spec: DatabaseSpec): Promise<void> {
  const name = escapeIdentifier(spec.at.database);
  if (!(await isTrue(session, 'EXISTS (SELECT FROM pg_database WHERE datname = $1)', [spec.at.database])))
    await session.query(createSql(spec.at.database, spec));
  await session.query(`ALTER DATABASE ${name} OWNER TO ${escapeIdentifier(spec.owner)}`);
  await session.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  const roles = spec.connect.map(escapeIdentifier).join(', ');
  await session.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${roles}`);
  for (const role of spec.connect)
    if (role !== spec.owner && (await isMember(session, role, spec.owner)))
      // objects that migrations create belong to the owner, not to the role that runs them
      await session.query(
        `ALTER ROLE ${escapeIdentifier(role)} IN DATABASE ${name} SET role = ${escapeLiteral(spec.owner)}`,
      );
}

const isMember = (session: Session, role: string, group: string): Promise<boolean> =>
  isTrue(
    session,
    'EXISTS (SELECT FROM pg_auth_members WHERE roleid = $2::regrole AND member = $1::regrole)',
    [escapeIdentifier(role), escapeIdentifier(group)],
  );
