import type { SyncConflict } from '../api.ts';
import { rowsOf, type Session } from '../run/session.ts';

interface Reference {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** `f.a IS NOT NULL AND …` */
  readonly present: string;
  /** `p.id OPERATOR(pg_catalog.=) f.a AND …`, with the operators that the constraint itself uses. */
  readonly matches: string;
}

/** Validated foreign keys from or to these tables, without keys over periods. */
const REFERENCES = `
SELECT c.conname AS name, c.conrelid::regclass::text AS from, c.confrelid::regclass::text AS to,
  string_agg(format('f.%I IS NOT NULL', fa.attname), ' AND ') AS present,
  string_agg(format('p.%I OPERATOR(%I.%s) f.%I', pa.attname, n.nspname, o.oprname, fa.attname), ' AND ') AS matches
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey, c.confkey, c.conpfeqop) AS k(f, p, op)
JOIN pg_attribute fa ON fa.attrelid = c.conrelid AND fa.attnum = k.f
JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.p
JOIN pg_operator o ON o.oid = k.op JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE c.contype = 'f' AND c.convalidated AND to_jsonb(c) ->> 'conperiod' IS DISTINCT FROM 'true'
  AND (SELECT array_agg(to_regclass(name)) FROM unnest($1::text[]) name) && ARRAY[c.conrelid::regclass, c.confrelid::regclass]
GROUP BY c.oid ORDER BY 2, 1`;

/**
 * Foreign keys that the synced rows would violate. Keys between the tool's own tables hold in the service; keys across
 * the boundary were severed by the export, so no server has checked them since.
 */
export async function findBrokenReferences(
  session: Session,
  tables: readonly string[],
): Promise<SyncConflict[]> {
  const found: SyncConflict[] = [];
  for (const { name, from, to, present, matches } of await rowsOf<Reference>(session, REFERENCES, [tables])) {
    const [row] = await rowsOf<{ count: string; first: string | null }>(
      session,
      `SELECT count(*) AS count, min(left(f::text, 120)) AS first FROM ${from} AS f WHERE ${present} AND NOT EXISTS (SELECT FROM ${to} AS p WHERE ${matches})`,
    );
    if (row !== undefined && row.count !== '0')
      found.push({
        object: from,
        message: `${from}: ${row.count} rows would violate ${name}, because ${to} lacks the rows that they reference; the first is ${row.first ?? ''}`,
      });
  }
  return found;
}
