import pg from 'pg';
import type { RoleSpec, SecretStore } from '../api.ts';
import { isTrue, type Session } from './session.ts';

const name = pg.escapeIdentifier;

const exists = (session: Session, role: RoleSpec): Promise<boolean> =>
  isTrue(session, 'EXISTS (SELECT FROM pg_roles WHERE rolname = $1)', [role.name]);

/** Keeps statements that hold a password out of the server's log, where the user may change these settings. */
const LOG_NOTHING = `
SELECT set_config('log_statement', 'none', true), set_config('log_min_error_statement', 'panic', true),
  set_config('log_min_duration_statement', '-1', true)
FROM pg_roles WHERE rolname = current_user AND rolsuper`;

/** Creates or corrects the roles. Passwords go to the server and to the secret store only. */
export async function ensureRoles(
  session: Session,
  roles: readonly RoleSpec[],
  secrets: SecretStore,
): Promise<void> {
  for (const role of roles) {
    const verb = (await exists(session, role)) ? 'ALTER' : 'CREATE';
    const secret = role.secret === null ? null : await secrets.ensure(role.secret);
    const password = secret === null ? '' : ` PASSWORD ${pg.escapeLiteral(secret)}`;
    const rights = `${role.login ? 'LOGIN' : 'NOLOGIN'} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT ${role.connectionLimit ?? -1}`;
    await session.query('BEGIN');
    await session.query(LOG_NOTHING);
    await session.query(`${verb} ROLE ${name(role.name)} ${rights}${password}`);
    for (const group of role.memberOf) await session.query(`GRANT ${name(group)} TO ${name(role.name)}`);
    await session.query('COMMIT');
    // ALTER … OWNER TO a role, and acting for it, need membership
    if (!role.login) await session.query(`GRANT ${name(role.name)} TO CURRENT_USER`).catch(() => undefined);
  }
}

const END_SESSIONS = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()`;

/** Drops the roles and removes their passwords. Safe to call twice. */
export async function removeRoles(
  session: Session,
  roles: readonly RoleSpec[],
  secrets: SecretStore,
): Promise<void> {
  for (const role of [...roles].reverse()) {
    if (await exists(session, role)) {
      await session.query(END_SESSIONS, [role.name]);
      await session.query(`DROP ROLE IF EXISTS ${name(role.name)}`);
    }
    if (role.secret !== null) await secrets.remove(role.secret);
  }
}
