import type { ClientBase } from 'pg';
import { quoteName } from '../../../registry-api/store/sql.ts';

interface Relation {
  readonly schema: string;
  readonly name: string;
}

/**
 * Grants `role` read and write access to the declared tables and revokes all other grants. Changes no catalog row when the
 * grants are correct already. Returns the declared tables that do not exist.
 */
export async function grantTables(
  db: ClientBase,
  role: string,
  tables: readonly string[],
): Promise<readonly string[]> {
  const declared = tables.map(relationOf);
  const missing: string[] = [];
  for (const [i, table] of declared.entries())
    if (!(await grant(db, role, table))) missing.push(tables[i] ?? '');
  await revokeUndeclared(db, role, declared);
  return missing;
}

/** `stock.items` is a table in the schema `stock`, `items` a table in `public`. */
function relationOf(table: string): Relation {
  const dot = table.indexOf('.');
  return dot < 0
    ? { schema: 'public', name: table }
    : { schema: table.slice(0, dot), name: table.slice(dot + 1) };
}

async function grant(db: ClientBase, role: string, { schema, name }: Relation): Promise<boolean> {
  const { rows } = await db.query<{ oid: number; may: boolean; mayEnter: boolean }>(
    `SELECT c.oid, has_schema_privilege($3, n.oid, 'USAGE') AS "mayEnter",
            (SELECT bool_and(has_table_privilege($3, c.oid, p))
               FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p) AS may
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [schema, name, role],
  );
  const [table] = rows;
  if (table === undefined) return false;
  const to = quoteName(role);
  if (!table.mayEnter) await db.query(`GRANT USAGE ON SCHEMA ${quoteName(schema)} TO ${to}`);
  if (!table.may)
    await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ${quoteName(schema, name)} TO ${to}`);
  for (const sequence of await ownedSequences(db, table.oid, role))
    await db.query(`GRANT USAGE, SELECT ON SEQUENCE ${quoteName(sequence.schema, sequence.name)} TO ${to}`);
  return true;
}

/** Sequences of serial and identity columns that the role may not use yet. */
async function ownedSequences(db: ClientBase, table: number, role: string): Promise<readonly Relation[]> {
  const { rows } = await db.query<Relation>(
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

async function revokeUndeclared(db: ClientBase, role: string, declared: readonly Relation[]): Promise<void> {
  const { rows } = await db.query<Relation & { relkind: string }>(
    `WITH declared AS (
       SELECT c.oid FROM unnest($2::text[], $3::text[]) AS d (schema, name)
         JOIN pg_namespace n ON n.nspname = d.schema
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.name
     )
     SELECT DISTINCT n.nspname AS schema, c.relname AS name, c.relkind
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
      WHERE acl.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1)
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
