import pg from 'pg';
import type { DatabaseLocale, DatabaseSpec } from '../api.ts';
import type { LocaleProvider } from '../catalog/database.ts';
import { isTrue, messageOf, type Session } from './session.ts';
import { databaseOf, openMaintenance } from './target.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** CREATE DATABASE from template0, with a default locale that does not depend on the server's. */
function createDatabaseSql(name: string, database: DatabaseLocale): string {
  const { encoding, collate, ctype, provider = 'libc', locale, rules } = database;
  const option = (word: string, value: string | null | undefined): string =>
    value === null || value === undefined ? '' : ` ${word} ${escapeLiteral(value)}`;
  const provided = {
    libc: '',
    icu: option('ICU_LOCALE', locale) + option('ICU_RULES', rules),
    builtin: option('BUILTIN_LOCALE', locale),
  };
  return `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0${option('ENCODING', encoding)} LOCALE_PROVIDER ${provider}${provided[provider]}${option('LC_COLLATE', collate)}${option('LC_CTYPE', ctype)}`;
}

const dropSql = (name: string): string => `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`;

/** Creates the database of `url` from template0, with the encoding and locale of the source. */
export async function createDatabase(url: string, locale: DatabaseLocale): Promise<void> {
  const session = await openMaintenance(url);
  try {
    await session.query(createDatabaseSql(databaseOf(url), locale));
  } finally {
    await session.end();
  }
}

const QUOTED_LOCALE: Readonly<Record<LocaleProvider, (locale: DatabaseLocale) => string>> = {
  libc: ({ collate, ctype }) => `lc_collate = ${escapeLiteral(collate)}, lc_ctype = ${escapeLiteral(ctype)}`,
  icu: ({ locale, rules }) =>
    `locale = ${escapeLiteral(locale ?? '')}${rules === null || rules === undefined ? '' : `, rules = ${escapeLiteral(rules)}`}`,
  builtin: ({ locale }) => `locale = ${escapeLiteral(locale ?? '')}`,
};

/**
 * Why the server of `url` cannot create a database with this locale, such as a locale that its system lacks; `null` when
 * it can. Tries the locale on a temporary collation that is rolled back.
 */
export async function findLocaleProblem(url: string, locale: DatabaseLocale): Promise<string | null> {
  // a collation is tried in the encoding of the maintenance database
  if (locale.encoding !== 'UTF8') return null;
  const provider = locale.provider ?? 'libc';
  const session = await openMaintenance(url);
  try {
    if (
      !(await isTrue(
        session,
        "getdatabaseencoding() = 'UTF8' AND has_database_privilege(current_database(), 'TEMPORARY')",
      ))
    )
      return null;
    await session.query('BEGIN');
    await session.query(
      `CREATE COLLATION pg_temp.locale_of_source (provider = ${provider}, ${QUOTED_LOCALE[provider](locale)})`,
    );
    return null;
  } catch (error) {
    return messageOf(error);
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
    await session.query(createDatabaseSql(spec.at.database, spec));
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
