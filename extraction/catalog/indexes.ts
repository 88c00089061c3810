import type { Oid } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface Index {
  readonly oid: Oid;
  readonly name: string;
  readonly bareName: string;
  readonly table: Oid;
  readonly definition: string;
  readonly clustered: boolean;
  readonly replicaIdentity: boolean;
  readonly valid: boolean;
  readonly constraint: Oid | null;
  readonly parent: Oid | null;
  readonly tablespace: string | null;
  readonly statistics: readonly { readonly position: number; readonly target: number }[];
}

const INDEXES = `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.relname')} AS name, quote_ident(c.relname) AS "bareName", i.indrelid::text AS table,
  pg_get_indexdef(c.oid) AS definition, i.indisclustered AS clustered, i.indisreplident AS "replicaIdentity",
  i.indisvalid AS valid,
  (SELECT k.oid::text FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') LIMIT 1) AS constraint,
  (SELECT h.inhparent::text FROM pg_inherits h WHERE h.inhrelid = c.oid) AS parent,
  (SELECT quote_ident(spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
  coalesce((SELECT json_agg(json_build_object('position', a.attnum, 'target', a.attstattarget) ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0), '[]') AS statistics
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${USER_SCHEMA('n')}
ORDER BY n.nspname, c.relname`;

export const readIndexes = (session: Session): Promise<Index[]> => rowsOf(session, INDEXES);
