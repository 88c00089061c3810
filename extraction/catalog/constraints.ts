import type { Oid } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface Constraint {
  readonly oid: Oid;
  readonly name: string;
  /** c: check, p: primary key, u: unique, x: exclusion, f: foreign key, n: not null (from PostgreSQL 18 on), t: trigger. */
  readonly kind: 'c' | 'p' | 'u' | 'x' | 'f' | 'n' | 't';
  readonly table: Oid | null;
  readonly domain: Oid | null;
  readonly definition: string;
  readonly validated: boolean;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly isLocal: boolean;
  readonly inheritCount: number;
  readonly parent: Oid | null;
  readonly index: Oid | null;
  readonly refersTo: Oid | null;
  readonly columnNumbers: readonly number[];
  readonly noInherit: boolean;
  /** Counts the rows that a foreign key was never made to look at and that refer to nothing. */
  readonly orphans: string | null;
  /** A key over a period: it cannot be made from an index. */
  readonly period: boolean;
}

// Constraint triggers are read as triggers.
const constraints = (version: number): string => `
SELECT c.oid::text, quote_ident(c.conname) AS name, c.contype AS kind, nullif(c.conrelid, 0)::text AS table,
  nullif(c.contypid, 0)::text AS domain, pg_get_constraintdef(c.oid) AS definition, c.convalidated AS validated,
  c.condeferrable AS deferrable, c.condeferred AS deferred, c.conislocal AS "isLocal", c.coninhcount AS "inheritCount",
  nullif(c.conparentid, 0)::text AS parent, nullif(c.conindid, 0)::text AS index, nullif(c.confrelid, 0)::text AS "refersTo",
  to_json(coalesce(c.conkey, '{}')) AS "columnNumbers", c.connoinherit AS "noInherit",
  CASE WHEN c.contype = 'f' AND NOT c.convalidated THEN 'SELECT count(*) AS count FROM ONLY ' || ${QUALIFIED('n.nspname', 'r.relname')} || ' c WHERE ' ||
    (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') FROM unnest(c.conkey) k JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k) ||
    ' AND NOT EXISTS (SELECT FROM ' || ${QUALIFIED('fn.nspname', 'f.relname')} || ' p WHERE ' ||
    (SELECT string_agg(format('p.%I = c.%I', fa.attname, a.attname), ' AND ') FROM unnest(c.conkey, c.confkey) k(own, other)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own JOIN pg_attribute fa ON fa.attrelid = c.confrelid AND fa.attnum = k.other) || ')' END AS orphans,
  ${version >= 180_000 ? "c.conperiod AND c.contype IN ('p', 'u')" : 'false'} AS period
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace LEFT JOIN pg_class r ON r.oid = c.conrelid AND r.relkind = 'r'
  LEFT JOIN pg_class f ON f.oid = c.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE c.contype IN ('c', 'p', 'u', 'x', 'f', 'n') AND ${USER_SCHEMA('n')}
ORDER BY c.conrelid::regclass::text, c.conname, c.oid`;

export const readConstraints = (session: Session, version: number): Promise<Constraint[]> =>
  rowsOf(session, constraints(version));
