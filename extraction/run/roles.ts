import pg from 'pg';
import type { RoleSpec, SecretStore } from '../api.ts';
import { rowsOf, type Session } from './session.ts';

const name = pg.escapeIdentifier;

/** Makes them, or makes them right. The password goes to the server and to its file, and nowhere else. */
export async function ensureRoles(session: Session, roles: readonly RoleSpec[], secrets: SecretStore): Promise<void> {
  for (const role of roles) {
    const [there] = await rowsOf<{ there: boolean }>(session, 'SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS there', [role.name]);
    const password = role.secret === null ? '' : ` PASSWORD ${pg.escapeLiteral(await secrets.ensure(role.secret))}`;
    const rights = `${role.login ? 'LOGIN' : 'NOLOGIN'} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION${password}`;
    // the statement holds the password: it must not be logged as slow or failed with its text
    await session.query('BEGIN');
    await session.query("SELECT set_config('log_statement', 'none', true), set_config('log_min_error_statement', 'panic', true), set_config('log_min_duration_statement', '-1', true) FROM pg_roles WHERE rolname = current_user AND rolsuper");
    await session.query(`${there?.there === true ? 'ALTER' : 'CREATE'} ROLE ${name(role.name)} ${rights}`);
    for (const group of role.memberOf) await session.query(`GRANT ${name(group)} TO ${name(role.name)}`);
    await session.query('COMMIT');
    // giving objects to a role, and acting for it, takes membership
    if (!role.login) await session.query(`GRANT ${name(role.name)} TO CURRENT_USER`).catch(() => undefined);
  }
} // prettier-ignore

/** Drops them and forgets their passwords. Safe to call twice. */
export async function removeRoles(session: Session, roles: readonly RoleSpec[], secrets: SecretStore): Promise<void> {
  for (const role of [...roles].reverse()) {
    const [there] = await rowsOf<{ there: boolean }>(session, 'SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS there', [role.name]);
    if (there?.there === true) {
      await session.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()`, [role.name]);
      await session.query(`DROP ROLE IF EXISTS ${name(role.name)}`);
    }
    if (role.secret !== null) await secrets.remove(role.secret);
  }
} // prettier-ignore
