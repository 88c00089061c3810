import type { Oid, DatabaseObject } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { ACL, OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface TypeObject extends DatabaseObject {
  /** b: base, c: composite, d: domain, e: enum, r: range, m: multirange, p: pseudo. */
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'r' | 'm' | 'p';
  readonly defined: boolean;
  readonly elementOf: Oid | null;
  readonly relation: Oid | null;
  readonly baseType: Oid | null;
  readonly hasSend: boolean;
  readonly labels: readonly string[];
  readonly attributes: readonly {
    readonly name: string;
    readonly rawName: string;
    readonly type: string;
    readonly typeOid: Oid;
    readonly number: number;
    readonly collation: string | null;
  }[];
  readonly domain: {
    readonly base: string;
    readonly collation: string | null;
    readonly notNull: boolean;
    readonly default: string | null;
  } | null;
  readonly range: {
    readonly subtype: string;
    readonly subtypeOid: Oid;
    readonly multirange: string;
    readonly opclass: string | null;
    readonly collation: string | null;
    readonly canonical: string | null;
    readonly subdiff: string | null;
  } | null;
}

const COLLATION_NAME = (oid: string): string =>
  `(SELECT ${QUALIFIED('cn.nspname', 'co.collname')} FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = ${oid})`;

const TYPES = `
SELECT t.oid::text, ${QUALIFIED('n.nspname', 't.typname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('t.typowner')} AS owner,
  ${ACL('t.typacl')} AS acl, t.typtype AS kind, t.typisdefined AS defined,
  CASE WHEN t.typelem <> 0 AND EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid) THEN t.typelem::text END AS "elementOf",
  nullif(t.typrelid, 0)::text AS relation, nullif(t.typbasetype, 0)::text AS "baseType",
  t.typsend <> 0 AND t.typreceive <> 0 AS "hasSend",
  coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '[]') AS labels,
  coalesce((SELECT json_agg(json_build_object('name', quote_ident(a.attname), 'rawName', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeOid', a.atttypid::text,
      'number', a.attnum, 'collation', CASE WHEN a.attcollation <> at.typcollation THEN ${COLLATION_NAME('a.attcollation')} END) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
    WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS attributes,
  CASE WHEN t.typtype = 'd' THEN json_build_object('base', format_type(t.typbasetype, t.typtypmod),
    'collation', CASE WHEN t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype) THEN ${COLLATION_NAME('t.typcollation')} END,
    'notNull', t.typnotnull, 'default', coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), quote_literal(t.typdefault))) END AS domain,
  (SELECT json_build_object('subtype', format_type(r.rngsubtype, NULL), 'subtypeOid', r.rngsubtype::text,
      'multirange', (SELECT ${QUALIFIED('mn.nspname', 'm.typname')} FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid),
      'opclass', (SELECT CASE WHEN o.opcdefault AND o.opcnamespace = 'pg_catalog'::regnamespace THEN NULL ELSE ${QUALIFIED('opn.nspname', 'o.opcname')} END
        FROM pg_opclass o JOIN pg_namespace opn ON opn.oid = o.opcnamespace WHERE o.oid = r.rngsubopc),
      'collation', CASE WHEN r.rngcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = r.rngsubtype) THEN ${COLLATION_NAME('r.rngcollation')} END,
      'canonical', nullif(r.rngcanonical::oid, 0)::regproc::text, 'subdiff', nullif(r.rngsubdiff::oid, 0)::regproc::text)
    FROM pg_range r WHERE r.rngtypid = t.oid) AS range
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE ${USER_SCHEMA('n')} OR n.nspname = 'pg_catalog'
ORDER BY n.nspname, t.typname`;

/** All types, those of the system too: whether a value has a portable binary form follows from what it is made of. */
export const readTypes = (session: Session): Promise<TypeObject[]> => rowsOf(session, TYPES);
