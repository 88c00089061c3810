import type { Grant, Oid, DatabaseObject } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { ACL, OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface Extension {
  readonly oid: Oid;
  readonly name: string;
  readonly rawName: string;
  readonly schema: string;
  readonly rawSchema: string;
  readonly version: string;
  /** Tables and sequences of its members whose rows can be the user's (`pg_extension_config_dump`). */
  readonly configuration: readonly ConfigurationTable[];
}

export interface ConfigurationTable {
  readonly oid: Oid;
  readonly name: string;
  readonly kind: 'table' | 'sequence';
  /** `WHERE …` that the user's own rows fulfil; '' for all rows. */
  readonly condition: string;
}

export interface SchemaObject extends DatabaseObject {
  readonly rawName: string;
}

export interface DefaultAcl {
  readonly oid: Oid;
  readonly role: string;
  readonly schemaOid: Oid | null;
  readonly schema: string;
  readonly objects: string;
  readonly acl: readonly Grant[];
}

const SCHEMAS = `
SELECT n.oid::text, quote_ident(n.nspname) AS name, n.nspname AS "rawName", quote_ident(n.nspname) AS schema,
  ${OWNER('n.nspowner')} AS owner, ${ACL('n.nspacl')} AS acl
FROM pg_namespace n WHERE ${USER_SCHEMA('n')} ORDER BY n.nspname`;

const EXTENSIONS = `
SELECT e.oid::text, quote_ident(e.extname) AS name, e.extname AS "rawName", quote_ident(n.nspname) AS schema, n.nspname AS "rawSchema",
  e.extversion AS version,
  coalesce((SELECT json_agg(json_build_object('oid', c.oid::text, 'name', ${QUALIFIED('cn.nspname', 'c.relname')},
      'kind', CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, 'condition', t.condition) ORDER BY t.position)
    FROM unnest(e.extconfig, e.extcondition) WITH ORDINALITY t(oid, condition, position)
      JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace cn ON cn.oid = c.relnamespace WHERE c.relkind IN ('r', 'S')), '[]') AS configuration
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname`;

const MEMBERS = `
SELECT d.classid::regclass::text || ':' || d.objid AS key, d.refobjid::text AS extension
FROM pg_depend d WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass`;

const DEFAULT_ACLS = `
SELECT d.oid::text, quote_ident(pg_get_userbyid(d.defaclrole)) AS role, nullif(d.defaclnamespace, 0)::text AS "schemaOid",
  coalesce((SELECT quote_ident(n.nspname) FROM pg_namespace n WHERE n.oid = d.defaclnamespace), '') AS schema,
  CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
    WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS objects,
  ${ACL('d.defaclacl')} AS acl
FROM pg_default_acl d ORDER BY 2, 4, 5`;

export const readSchemas = (session: Session): Promise<SchemaObject[]> => rowsOf(session, SCHEMAS);
export const readExtensions = (session: Session): Promise<Extension[]> => rowsOf(session, EXTENSIONS);
export const readDefaultAcls = (session: Session): Promise<DefaultAcl[]> => rowsOf(session, DEFAULT_ACLS);

export async function readMembers(session: Session): Promise<Record<string, string>> {
  const rows = await rowsOf<{ key: string; extension: string }>(session, MEMBERS);
  return Object.fromEntries(rows.map((row) => [row.key, row.extension]));
}
