import type { ClientBase } from 'pg';
import { PLATFORM_TABLES } from '../../../../contracts/declared-tables.ts';
import { quoteName } from '../../../../registry-api/store/sql.ts';
import { createdObjects, type CreatedObject } from './migration-statements.ts';

/**
 * Prepares the current database for the role that owns a tool's objects. Objects that the tool's applied migrations
 * created as the platform's user, in an earlier release, are given to the role once. Safe to call twice.
 */
export async function prepareForOwner(
  db: ClientBase,
  owner: string,
  appliedSql: () => Promise<readonly string[]>,
): Promise<void> {
  if (await isPrepared(db, owner)) return;
  const objects = await createdObjects(await appliedSql());
  await db.query('BEGIN');
  try {
    // ALTER ... OWNER, grants and fences of a platform user that is no superuser need its membership
    await db.query(`GRANT ${quoteName(owner)} TO CURRENT_USER`);
    await db.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${quoteName(owner)}`);
    await db.query(`GRANT SELECT, INSERT, DELETE ON public.tool_migrations TO ${quoteName(owner)}`);
    for (const statement of await changesOfOwner(db, owner, objects)) await db.query(statement);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Roles belong to the server, their rights in a schema to the database. */
async function isPrepared(db: ClientBase, owner: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM pg_namespace n, aclexplode(n.nspacl) AS acl JOIN pg_roles r ON r.oid = acl.grantee
      WHERE n.nspname = 'public' AND r.rolname = $1 AND acl.privilege_type = 'CREATE'`,
    [owner],
  );
  return rowCount !== 0;
}

/** Of objects that belong to the platform's user. Sequences of columns and members of extensions follow others. */
const CHANGES = `
WITH created AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS c (kind, schema, name)
), own AS (SELECT oid FROM pg_roles WHERE rolname = current_user), dependent AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
  UNION ALL
  SELECT d.classid, d.objid FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
)
SELECT format('ALTER SCHEMA %I OWNER TO %I', n.nspname, $4::text) AS sql
  FROM created c JOIN pg_namespace n ON n.nspname = c.name, own
 WHERE c.kind = 'schema' AND n.nspowner = own.oid AND n.nspname <> 'public'
UNION ALL
SELECT format('ALTER %s %I.%I OWNER TO %I', CASE r.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
         WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, r.relname, $4::text)
  FROM created c JOIN pg_namespace n ON n.nspname = c.schema
  JOIN pg_class r ON r.relnamespace = n.oid AND r.relname = c.name AND r.relkind IN ('r', 'p', 'v', 'm', 'S'), own
 WHERE c.kind = 'relation' AND r.relowner = own.oid AND NOT (n.nspname = 'public' AND r.relname = ANY ($5))
   AND NOT EXISTS (SELECT FROM dependent d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid)
UNION ALL
SELECT format('ALTER %s %I.%I OWNER TO %I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname, $4::text)
  FROM created c JOIN pg_namespace n ON n.nspname = c.schema
  JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = c.name AND t.typtype IN ('c', 'd', 'e', 'r'), own
 WHERE c.kind = 'type' AND t.typowner = own.oid
   AND NOT EXISTS (SELECT FROM dependent d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid)
UNION ALL
SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, $4::text)
  FROM created c JOIN pg_namespace n ON n.nspname = c.schema
  JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = c.name, own
 WHERE c.kind = 'routine' AND p.proowner = own.oid
   AND NOT EXISTS (SELECT FROM dependent d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid)
   AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
                    WHERE t.tgfoid = p.oid AND r.relname = ANY ($5) AND r.relnamespace = 'public'::regnamespace)`;

async function changesOfOwner(
  db: ClientBase,
  owner: string,
  objects: readonly CreatedObject[],
): Promise<readonly string[]> {
  if (objects.length === 0) return [];
  const { rows } = await db.query<{ sql: string }>(CHANGES, [
    objects.map(({ kind }) => kind),
    objects.map(({ schema }) => schema),
    objects.map(({ name }) => name),
    owner,
    PLATFORM_TABLES,
  ]);
  return rows.map(({ sql }) => sql);
}
