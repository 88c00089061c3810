import type { Grant, Oid, DatabaseObject } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { ACL, OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface Column {
  readonly number: number;
  /** Quoted. */
  readonly name: string;
  readonly rawName: string;
  /** With typmod. */
  readonly type: string;
  readonly typeOid: Oid;
  readonly notNull: boolean;
  /** Collation, qualified, when it is not the type's own. */
  readonly collation: string | null;
  readonly identity: '' | 'a' | 'd';
  readonly generated: '' | 's' | 'v';
  /** When it is not the type's own. */
  readonly storage: 'p' | 'e' | 'x' | 'm' | null;
  readonly compression: 'p' | 'l' | null;
  readonly statistics: number | null;
  readonly options: readonly string[];
  readonly isLocal: boolean;
  readonly inheritCount: number;
  /** Default or generation expression. */
  readonly expression: string | null;
  readonly expressionOid: Oid | null;
  readonly acl: readonly Grant[] | null;
}

/** p: partitioned, r: table, v: view, m: materialized view, f: foreign, S: sequence, c: composite type. */
export type RelationKind = 'r' | 'p' | 'v' | 'm' | 'f' | 'c';

export interface Relation extends DatabaseObject {
  readonly kind: RelationKind;
  /** Unquoted. */
  readonly rawName: string;
  readonly rawSchema: string;
  /** Quoted, without the schema. */
  readonly bareName: string;
  readonly persistence: 'p' | 'u' | 't';
  readonly isPartition: boolean;
  readonly partitionKey: string | null;
  /** Hash partitioning by an enum: rows may belong to another partition in the target. */
  readonly hashOnEnum: boolean;
  readonly partitionBound: string | null;
  readonly parents: readonly Oid[];
  readonly accessMethod: string | null;
  readonly tablespace: string | null;
  readonly options: readonly string[];
  readonly toastOptions: readonly string[];
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i';
  readonly ofType: string | null;
  readonly definition: string | null;
  readonly populated: boolean;
  readonly typeOid: Oid;
  /** Estimate. */
  readonly rows: number;
  readonly bytes: number;
  readonly pages: number;
  readonly columns: readonly Column[];
}

/**
 * Estimated rows of a table, as the planner estimates them: the density of the last statistics times the present size,
 * because the table may have grown since. Without statistics: rows of 100 bytes.
 */
const ROWS = `(CASE WHEN c.relkind NOT IN ('r', 'm') THEN 0
    ELSE pg_relation_size(c.oid) * CASE WHEN c.reltuples > 0 AND c.relpages > 0
      THEN c.reltuples::float8 / c.relpages / current_setting('block_size')::int ELSE 0.01 END END)::float8::text`;

const RELATIONS = `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.relname')} AS name, quote_ident(n.nspname) AS schema,
  quote_ident(c.relname) AS "bareName", c.relname AS "rawName", n.nspname AS "rawSchema", ${OWNER('c.relowner')} AS owner,
  ${ACL('c.relacl')} AS acl, c.relkind AS kind, c.relpersistence AS persistence, c.relispartition AS "isPartition",
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partitionKey",
  coalesce((SELECT p.partstrat = 'h' AND EXISTS (
      SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[]) AND (t.typtype <> 'b' OR t.typcategory NOT IN ('N', 'S', 'D', 'U', 'B')))
    FROM pg_partitioned_table p WHERE p.partrelid = c.oid), false) AS "hashOnEnum",
  CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "partitionBound",
  coalesce((SELECT json_agg(i.inhparent::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid), '[]') AS parents,
  (SELECT quote_ident(amname) FROM pg_am WHERE pg_am.oid = c.relam) AS "accessMethod",
  (SELECT quote_ident(spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
  to_json(coalesce(c.reloptions, '{}')) AS options,
  coalesce((SELECT to_json(t.reloptions) FROM pg_class t WHERE t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL), '[]') AS "toastOptions",
  c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS "forceRowSecurity", c.relreplident AS "replicaIdentity",
  CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "ofType",
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition, c.relispopulated AS populated,
  c.reltype::text AS "typeOid", ${ROWS} AS rows,
  CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END::text AS bytes,
  CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END::text AS pages
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${USER_SCHEMA('n')}
ORDER BY n.nspname, c.relname`;

const COLUMNS = `
SELECT a.attrelid::text AS relation, json_agg(json_build_object(
  'number', a.attnum, 'name', quote_ident(a.attname), 'rawName', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
  'typeOid', a.atttypid::text, 'notNull', a.attnotnull,
  'collation', CASE WHEN a.attcollation <> t.typcollation THEN
    (SELECT ${QUALIFIED('cn.nspname', 'co.collname')} FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
  'identity', a.attidentity, 'generated', a.attgenerated,
  'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
  'compression', nullif(a.attcompression, ''), 'statistics', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
  'options', coalesce(a.attoptions, '{}'), 'isLocal', a.attislocal, 'inheritCount', a.attinhcount,
  'expression', pg_get_expr(d.adbin, d.adrelid), 'expressionOid', d.oid::text, 'acl', ${ACL('a.attacl')}) ORDER BY a.attnum) AS columns
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${USER_SCHEMA('n')}
GROUP BY a.attrelid`;

type Row = Omit<Relation, 'columns' | 'rows' | 'bytes' | 'pages'> &
  Record<'rows' | 'bytes' | 'pages', string>;

export async function readRelations(session: Session): Promise<Relation[]> {
  const columns = new Map(
    (await rowsOf<{ relation: string; columns: Column[] }>(session, COLUMNS)).map((r) => [
      r.relation,
      r.columns,
    ]),
  );
  return (await rowsOf<Row>(session, RELATIONS)).map((row) => ({
    ...row,
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    pages: Number(row.pages),
    columns: columns.get(row.oid) ?? [],
  }));
}
