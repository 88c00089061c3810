import type pg from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import { quoteName, quoteText } from '../../../registry-api/store/sql.ts';
import { withConnection } from '../../../registry-api/store/with-connection.ts';
import { asUser } from './database-address.ts';

export interface RoleOptions {
  readonly role: string;
  readonly password: string;
  /** Address of the platform's database, with the platform's own login. */
  readonly url: string;
}

/**
 * Creates the role that a tool's pool logs in as, without grants, or resets its password where the login fails. Safe to
 * call twice.
 * @throws PlatformError when the platform's user may not create roles.
 */
export async function ensureRole(db: pg.ClientBase, { role, password, url }: RoleOptions): Promise<void> {
  const { rowCount } = await db.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const attributes = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${quoteText(password)}`;
  try {
    if (rowCount === 0) await db.query(`CREATE ROLE ${quoteName(role)} ${attributes}`);
    else if (!(await canLogIn(asUser(url, role, password))))
      await db.query(`ALTER ROLE ${quoteName(role)} ${attributes}`);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== '42501') throw cause;
    throw new PlatformError(
      'database-unreachable',
      `The platform's database user may not create the role ${role}. As a superuser, run: ALTER ROLE <user> CREATEROLE`,
      { cause },
    );
  }
}

// PostgreSQL manual, Appendix A: invalid_password, invalid_authorization_specification
const REFUSED = new Set<unknown>(['28P01', '28000']);

async function canLogIn(config: pg.ClientConfig): Promise<boolean> {
  try {
    return await withConnection({ ...config, connectionTimeoutMillis: 10_000 }, () => Promise.resolve(true));
  } catch (error) {
    if (REFUSED.has((error as { code?: unknown }).code)) return false;
    throw error;
  }
}
