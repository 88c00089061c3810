import type { Oid, DatabaseObject } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { ACL, OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface SequenceObject extends DatabaseObject {
  readonly rawName: string;
  readonly rawSchema: string;
  readonly persistence: 'p' | 'u' | 't';
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
  /** Column that owns it. */
  readonly ownedBy: {
    readonly table: Oid;
    readonly column: string;
    readonly columnNumber: number;
    readonly identity: boolean;
  } | null;
}

const SEQUENCES = `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.relname')} AS name, quote_ident(n.nspname) AS schema, c.relname AS "rawName",
  n.nspname AS "rawSchema", ${OWNER('c.relowner')} AS owner, ${ACL('c.relacl')} AS acl, c.relpersistence AS persistence,
  format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start, s.seqincrement::text AS increment, s.seqmin::text AS min,
  s.seqmax::text AS max, s.seqcache::text AS cache, s.seqcycle AS cycle,
  (SELECT json_build_object('table', d.refobjid::text, 'column', quote_ident(a.attname), 'columnNumber', a.attnum, 'identity', d.deptype = 'i')
   FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1) AS "ownedBy"
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${USER_SCHEMA('n')}
ORDER BY n.nspname, c.relname`;

export const readSequences = (session: Session): Promise<SequenceObject[]> => rowsOf(session, SEQUENCES);
