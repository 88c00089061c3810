import type { ClientBase } from 'pg';
import type { RelationName } from '../../../../contracts/declared-tables.ts';
import { quoteName } from '../../../../registry-api/store/sql.ts';

export const READ_AND_WRITE: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/**
 * Grants `role` the privileges on the tables, and revokes its other grants unless `keepOthers` is set. Changes no catalog
 * row when the grants are correct already. Returns the tables that do not exist.
 */
export async function grantTables(
  db: ClientBase,
  role: string,
  tables: readonly RelationName[],
  privileges: readonly string[],
  { keepOthers = false }: { readonly keepOthers?: boolean } = {},
): Promise<readonly RelationName[]> {
  const missing: RelationName[] = [];
  for (const table of tables) if (!(await grant(db, role, table, privileges))) missing.push(table);
  if (!keepOthers) await revokeUndeclared(db, role, tables);
  return missing;
}

/** Revokes the grants of all roles of tools on a table, except those of `roles` and of its owner. */
export async function revokeOthers(
  db: ClientBase,
  { schema, name }: RelationName,
  roles: readonly string[],
): Promise<void> {
  const { rows } = await db.query<{ role: string }>(
    `SELECT DISTINCT r.rolname AS role
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
       JOIN pg_roles r ON r.oid = acl.grantee
      WHERE n.nspname = $1 AND c.relname = $2 AND acl.grantee <> c.relowner
        AND starts_with(r.rolname, 'tool__') AND r.rolname <> ALL ($3)`,
    [schema, name, roles],
  );
  for (const { role } of rows)
    await db.query(`REVOKE ALL ON TABLE ${quoteName(schema, name)} FROM ${quoteName(role)}`);
}

async function grant(
  db: ClientBase,
  role: string,
  { schema, name }: RelationName,
  privileges: readonly string[],
): Promise<boolean> {
  const { rows } = await db.query<{ oid: number; may: boolean; mayEnter: boolean }>(
    `SELECT c.oid, has_schema_privilege($3, n.oid, 'USAGE') AS "mayEnter",
            (SELECT bool_and(has_table_privilege($3, c.oid, p)) FROM unnest($4::text[]) AS p) AS may
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [schema, name, role, privileges],
  );
  const [table] = rows;
  if (table === undefined) return false;
  const to = quoteName(role);
  if (!table.mayEnter) await db.query(`GRANT USAGE ON SCHEMA ${quoteName(schema)} TO ${to}`);
  if (!table.may)
    await db.query(`GRANT ${privileges.join(', ')} ON TABLE ${quoteName(schema, name)} TO ${to}`);
  for (const sequence of await ownedSequences(db, table.oid, role))
    await db.query(`GRANT USAGE, SELECT ON SEQUENCE ${quoteName(sequence.schema, sequence.name)} TO ${to}`);
  return true;
}

/** Sequences of serial and identity columns that the role may not use yet. */
async function ownedSequences(db: ClientBase, table: number, role: string): Promise<readonly RelationName[]> {
  const { rows } = await db.query<RelationName>(
    `SELECT n.nspname AS schema, s.relname AS name
       FROM pg_depend d
       JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
       JOIN pg_namespace n ON n.oid = s.relnamespace
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = $1 AND d.deptype IN ('a', 'i')
        -- CASE fixes the order: PostgreSQL might evaluate a second condition for a TOAST table first
        AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege($2, s.oid, 'USAGE') ELSE false END`,
    [table, role],
  );
  return rows;
}

async function revokeUndeclared(
  db: ClientBase,
  role: string,
  declared: readonly RelationName[],
): Promise<void> {
  const { rows } = await db.query<RelationName & { relkind: string }>(
    `WITH declared AS (
       SELECT c.oid FROM unnest($2::text[], $3::text[]) AS d (schema, name)
         JOIN pg_namespace n ON n.nspname = d.schema
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.name
     )
     SELECT DISTINCT n.nspname AS schema, c.relname AS name, c.relkind
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
      WHERE acl.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1) AND acl.grantee <> c.relowner
        AND c.oid <> 'public.tool_migrations'::regclass
        AND c.oid NOT IN (SELECT oid FROM declared)
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                          AND d.refobjid IN (SELECT oid FROM declared) AND d.deptype IN ('a', 'i'))`,
    [role, declared.map((d) => d.schema), declared.map((d) => d.name)],
  );
  for (const { schema, name, relkind } of rows)
    await db.query(
      `REVOKE ALL ON ${relkind === 'S' ? 'SEQUENCE' : 'TABLE'} ${quoteName(schema, name)} FROM ${quoteName(role)}`,
    );
}
