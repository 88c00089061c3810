import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClientBase } from 'pg';
import { POOL_TIMEOUTS } from '../../../../contracts/host/database-pool.ts';
import type { ToolId } from '../../../../contracts/ids.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { quoteName, quoteText } from '../../../../registry-api/store/sql.ts';
import { ensurePassword } from './password.ts';
import { ensureLogin, ensureRole, roleExists, type Login } from './role.ts';

/** Two full pools and a few more: a reloaded tool may open its new pool before the old one is closed. */
const POOL_CONNECTIONS = 20;
/** The platform uses one; a person may look at the tables meanwhile. */
const OWNER_CONNECTIONS = 4;

export interface ToolRoles {
  /** Reads and writes rows. */
  readonly runtime: Login;
  /** Owns what the tool's migrations create, and nothing else. */
  readonly owner: Login;
}

export interface ToolRolesOptions {
  readonly toolId: ToolId;
  /** Folder of the secrets. */
  readonly secrets: string;
  /** Address of the platform's database, with the platform's own login. */
  readonly url: string;
}

/** Creates or corrects the two roles of a tool. Safe to call twice. */
export async function ensureToolRoles(db: ClientBase, options: ToolRolesOptions): Promise<ToolRoles> {
  const { toolId, secrets, url } = options;
  const { monolithRole, monolithOwnerRole } = namesOf(toolId);
  const passwordOf = (kind: string): Promise<string> =>
    ensurePassword(path.join(secrets, `monolith-${toolId}${kind}.password`));
  const runtime = { role: monolithRole, password: await passwordOf('') };
  const owner = { role: monolithOwnerRole, password: await passwordOf('.owner') };
  await retireFormerRole(db, toolId, secrets);
  await ensureRole(db, {
    ...runtime,
    connectionLimit: POOL_CONNECTIONS,
    // Also for connections that the tool opens without its pool
    settings: {
      ...(await diskLimit(db)),
      idle_in_transaction_session_timeout: `${POOL_TIMEOUTS.idle_in_transaction_session_timeout}ms`,
      statement_timeout: `${POOL_TIMEOUTS.statement_timeout}ms`,
    },
  });
  await ensureLogin(db, runtime, url);
  await ensureRole(db, { ...owner, connectionLimit: OWNER_CONNECTIONS, settings: {} });
  return { runtime, owner };
}

/** Of one process of the tool, for sorts and hashes. Only a superuser may set it, so no tool can raise it. */
async function diskLimit(db: ClientBase): Promise<Readonly<Record<string, string>>> {
  const { rows } = await db.query<{ superuser: string }>(
    `SELECT current_setting('is_superuser') AS superuser`,
  );
  return rows[0]?.superuser === 'on' ? { temp_file_limit: '1GB' } : {};
}

/** Drops the roles of a tool with all that they own in this database. Ends their connections. Safe to call twice. */
export async function dropToolRoles(db: ClientBase, toolId: ToolId): Promise<void> {
  const { monolithRole, monolithOwnerRole } = namesOf(toolId);
  for (const role of [monolithRole, monolithOwnerRole]) {
    if (!(await roleExists(db, role))) continue;
    // Open pools would keep the dropped role's OID, and fail when a new role gets its name
    await db.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
    await db.query(`DROP OWNED BY ${quoteName(role)}; DROP ROLE ${quoteName(role)}`);
  }
}

/**
 * Renames the role that earlier releases created. A role of that name may also belong to the service of another tool
 * (`tool_foo_app` of `tool-foo`), which keeps it and loses only the grants on tables of the platform's database.
 */
async function retireFormerRole(db: ClientBase, toolId: ToolId, secrets: string): Promise<void> {
  const { monolithRole, formerMonolithRole: former } = namesOf(toolId);
  if (!(await roleExists(db, former))) return;
  if (!(await roleExists(db, monolithRole)) && !(await isOfService(db, former))) {
    await db.query(`ALTER ROLE ${quoteName(former)} RENAME TO ${quoteName(monolithRole)}`);
    return;
  }
  const { rows } = await db.query<{ schema: string; name: string; kind: string }>(
    `SELECT DISTINCT n.nspname AS schema, c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
       JOIN pg_roles r ON r.oid = acl.grantee
      WHERE r.rolname = $1`,
    [former],
  );
  for (const { schema, name, kind } of rows)
    await db.query(`REVOKE ALL ON ${kind} ${quoteName(schema, name)} FROM ${quoteName(former)}`);
  if (rows.length > 0) await restorePassword(db, former, path.join(secrets, former));
}

/** Earlier releases gave the role of the service the password of the tool in the monolith. */
async function restorePassword(db: ClientBase, role: string, file: string): Promise<void> {
  const password = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (password !== '') await db.query(`ALTER ROLE ${quoteName(role)} PASSWORD ${quoteText(password)}`);
}

/** Whether an exported service on this server logs in as the role: then the service's database exists, too. */
async function isOfService(db: ClientBase, role: string): Promise<boolean> {
  const sql = /^(.+)_(?:app|migrator|owner)$/.exec(role)?.[1];
  if (sql === undefined) return false;
  const { rowCount } = await db.query('SELECT 1 FROM pg_database WHERE datname = $1', [`${sql}_db`]);
  return rowCount === 1;
}
