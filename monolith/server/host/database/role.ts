import type pg from 'pg';
import { PlatformError } from '../../../../contracts/errors.ts';
import { quoteName, quoteText } from '../../../../registry-api/store/sql.ts';
import { withConnection } from '../../../../registry-api/store/with-connection.ts';
import { asUser } from './database-address.ts';

export interface Login {
  readonly role: string;
  readonly password: string;
}

export interface RoleOptions extends Login {
  /** Most connections at once. */
  readonly connectionLimit: number;
  /** Settings of every session of the role. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Creates a role that a tool logs in as, or corrects it: attributes, memberships and settings that it should not have
 * are removed. Changes no catalog row when all of them are correct. Safe to call twice.
 * @throws PlatformError when the platform's user may not create roles.
 */
export async function ensureRole(db: pg.ClientBase, options: RoleOptions): Promise<void> {
  const { role, password, connectionLimit, settings } = options;
  const name = quoteName(role);
  try {
    if (!(await roleExists(db, role)))
      await db.query(
        `CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT ${connectionLimit} PASSWORD ${quoteText(password)}`,
      );
    else {
      await resetAttributes(db, role, connectionLimit);
      await revokeMemberships(db, role);
    }
    await resetSettings(db, role, settings);
    await allowConnections(db, name, role);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== '42501') throw cause;
    throw new PlatformError(
      'database-unreachable',
      `The platform's database user may not create or correct the role ${role}: ${(cause as Error).message}. ` +
        'As a superuser, run: ALTER ROLE <user> CREATEROLE',
      { cause },
    );
  }
}

/**
 * Resets the password of a role where its login at `url` fails.
 *
 * @param url address of the platform's database
 */
export async function ensureLogin(db: pg.ClientBase, { role, password }: Login, url: string): Promise<void> {
  if (!(await canLogIn(asUser(url, role, password))))
    await db.query(`ALTER ROLE ${quoteName(role)} PASSWORD ${quoteText(password)}`);
}

export async function roleExists(db: pg.ClientBase, role: string): Promise<boolean> {
  const { rowCount } = await db.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  return rowCount === 1;
}

/** Only what differs is named: a user without SUPERUSER may not even repeat NOSUPERUSER. */
async function resetAttributes(db: pg.ClientBase, role: string, connectionLimit: number): Promise<void> {
  const { rows } = await db.query<{ changes: string }>(
    `SELECT concat_ws(' ', CASE WHEN rolsuper THEN 'NOSUPERUSER' END, CASE WHEN rolcreatedb THEN 'NOCREATEDB' END,
              CASE WHEN rolcreaterole THEN 'NOCREATEROLE' END, CASE WHEN rolreplication THEN 'NOREPLICATION' END,
              CASE WHEN rolbypassrls THEN 'NOBYPASSRLS' END, CASE WHEN NOT rolcanlogin THEN 'LOGIN' END,
              CASE WHEN NOT rolinherit THEN 'INHERIT' END,
              CASE WHEN rolconnlimit <> $2 THEN 'CONNECTION LIMIT ' || $2 END,
              CASE WHEN rolvaliduntil < 'infinity' THEN 'VALID UNTIL ''infinity''' END) AS changes
       FROM pg_roles WHERE rolname = $1`,
    [role, connectionLimit],
  );
  const changes = rows[0]?.changes ?? '';
  if (changes !== '') await db.query(`ALTER ROLE ${quoteName(role)} ${changes}`);
}

/** A membership, for example in pg_execute_server_program, gives as much as an attribute. */
async function revokeMemberships(db: pg.ClientBase, role: string): Promise<void> {
  const { rows } = await db.query<{ group: string; grantor: string }>(
    `SELECT pg_get_userbyid(m.roleid) AS "group", pg_get_userbyid(m.grantor) AS grantor
       FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = $1`,
    [role],
  );
  for (const { group, grantor } of rows)
    await db.query(
      `REVOKE ${quoteName(group)} FROM ${quoteName(role)} GRANTED BY ${quoteName(grantor)} CASCADE`,
    );
}

async function resetSettings(
  db: pg.ClientBase,
  role: string,
  settings: RoleOptions['settings'],
): Promise<void> {
  const { rows } = await db.query<{ database: string | null; settings: readonly string[] }>(
    `SELECT d.datname AS database, s.setconfig AS settings
       FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
      WHERE r.rolname = $1`,
    [role],
  );
  const wanted = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const isCorrect =
    rows.every(({ database }) => database === null) &&
    [...(rows[0]?.settings ?? [])].sort().join('\n') === wanted.toSorted().join('\n');
  if (isCorrect) return;
  const name = quoteName(role);
  for (const { database } of rows)
    await db.query(
      `ALTER ROLE ${name} ${database === null ? '' : `IN DATABASE ${quoteName(database)} `}RESET ALL`,
    );
  for (const [key, value] of Object.entries(settings))
    await db.query(`ALTER ROLE ${name} SET ${quoteName(key)} = ${quoteText(value)}`);
}

/** Where PUBLIC may not connect, the role needs a grant of its own. */
async function allowConnections(db: pg.ClientBase, name: string, role: string): Promise<void> {
  const { rows } = await db.query<{ database: string; granted: boolean }>(
    `SELECT d.datname AS database, EXISTS (SELECT FROM aclexplode(d.datacl) AS acl JOIN pg_roles r ON r.oid = acl.grantee
              WHERE r.rolname = $1 AND acl.privilege_type = 'CONNECT') AS granted
       FROM pg_database d WHERE d.datname = current_database()`,
    [role],
  );
  const [row] = rows;
  if (row !== undefined && !row.granted)
    await db.query(`GRANT CONNECT ON DATABASE ${quoteName(row.database)} TO ${name}`);
}

// PostgreSQL manual, Appendix A: invalid_password, invalid_authorization_specification
const REFUSED = new Set<unknown>(['28P01', '28000']);
/** PostgreSQL counts connections after it has checked the password. */
const TOO_MANY_CONNECTIONS = '53300';

async function canLogIn(config: pg.ClientConfig): Promise<boolean> {
  try {
    return await withConnection(config, () => Promise.resolve(true));
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === TOO_MANY_CONNECTIONS) return true;
    if (REFUSED.has(code)) return false;
    throw error;
  }
}
