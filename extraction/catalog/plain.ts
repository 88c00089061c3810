import { nameKey } from './body-names.ts';
import type { DatabaseObject, Key } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { CREATED_WITH_TYPE, OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';
import { OPERATOR_CLASSES, OPERATOR_FAMILIES, OPERATORS } from './operators.ts';
import { CONFIGURATIONS, DICTIONARIES, PARSERS, TEMPLATES } from './text-search.ts';

/** An object whose complete statement comes from the catalog query: collations, operators, casts, text search. */
export interface PlainObject extends DatabaseObject {
  /** Name of its catalog, such as `pg_collation`. */
  readonly catalog: string;
  /** As COMMENT ON and ALTER … OWNER TO address it: `COLLATION public.x`. */
  readonly address: string;
  readonly statements: readonly string[];
  /** Why it cannot be created again; `null` when it can. */
  readonly refusal: string | null;
  readonly ownable: boolean;
}

const collations = (version: number): string => `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.collname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('c.collowner')} AS owner,
  'pg_collation' AS catalog, 'COLLATION ' || ${QUALIFIED('n.nspname', 'c.collname')} AS address, true AS ownable, NULL AS refusal,
  json_build_array('CREATE COLLATION ' || ${QUALIFIED('n.nspname', 'c.collname')} || ' (provider = ' ||
    CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END ||
    CASE WHEN c.collisdeterministic THEN '' ELSE ', deterministic = false' END ||
    CASE WHEN c.collprovider = 'c' AND c.collcollate <> c.collctype THEN ', lc_collate = ' || quote_literal(c.collcollate) || ', lc_ctype = ' || quote_literal(c.collctype)
      ELSE ', locale = ' || quote_literal(coalesce(${version >= 170_000 ? 'c.colllocale' : 'c.colliculocale'}, c.collcollate)) END ||
    ${version >= 160_000 ? "coalesce(', rules = ' || quote_literal(c.collicurules), '')" : "''"} || ')') AS statements
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

const CASTS = `
SELECT c.oid::text, format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name, '' AS schema, '' AS owner,
  'pg_cast' AS catalog, format('CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS address, false AS ownable,
  NULL AS refusal,
  json_build_array(format('CREATE CAST (%s AS %s) %s%s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL),
    CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT' ELSE 'WITH FUNCTION ' || c.castfunc::regprocedure END,
    CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)) AS statements
FROM pg_cast c WHERE c.oid >= 16384 AND NOT ${CREATED_WITH_TYPE("'pg_cast'::regclass", 'c.oid')} ORDER BY 2`;

const LANGUAGES = `
SELECT l.oid::text, quote_ident(l.lanname) AS name, '' AS schema, ${OWNER('l.lanowner')} AS owner, 'pg_language' AS catalog,
  'LANGUAGE ' || quote_ident(l.lanname) AS address, false AS ownable, 'a language outside an extension' AS refusal, '[]'::json AS statements
FROM pg_language l WHERE l.oid >= 16384`;

const ACCESS_METHODS = `
SELECT a.oid::text, quote_ident(a.amname) AS name, '' AS schema, '' AS owner, 'pg_am' AS catalog,
  'ACCESS METHOD ' || quote_ident(a.amname) AS address, false AS ownable, 'an access method outside an extension' AS refusal, '[]'::json AS statements
FROM pg_am a WHERE a.oid >= 16384`;

const CONVERSIONS = `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.conname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('c.conowner')} AS owner, 'pg_conversion' AS catalog,
  'CONVERSION ' || ${QUALIFIED('n.nspname', 'c.conname')} AS address, true AS ownable, 'a conversion' AS refusal, '[]'::json AS statements
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${USER_SCHEMA('n')}`;

/** Objects of rare kinds, each with its complete statement. */
export async function readPlain(session: Session, version: number): Promise<PlainObject[]> {
  const found: PlainObject[] = [];
  const queries = [
    collations(version),
    CASTS,
    LANGUAGES,
    ACCESS_METHODS,
    CONVERSIONS,
    OPERATORS,
    OPERATOR_FAMILIES,
    OPERATOR_CLASSES,
    PARSERS,
    TEMPLATES,
    DICTIONARIES,
    CONFIGURATIONS,
  ];
  for (const sql of queries)
    for (const row of await rowsOf<Omit<PlainObject, 'acl'>>(session, sql)) found.push({ ...row, acl: null });
  return found;
}

const NAMES = `
SELECT 'pg_ts_config' AS catalog, c.oid::text, n.nspname AS schema, c.cfgname AS name FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE ${USER_SCHEMA('n')}
UNION ALL SELECT 'pg_ts_dict', d.oid::text, n.nspname, d.dictname FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE ${USER_SCHEMA('n')}
UNION ALL SELECT 'pg_ts_parser', p.oid::text, n.nspname, p.prsname FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE ${USER_SCHEMA('n')}
UNION ALL SELECT 'pg_collation', c.oid::text, n.nspname, c.collname FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${USER_SCHEMA('n')}`;

/** Text search objects and collations by catalog and name, as texts in bodies name them. */
export async function readPlainNames(
  session: Session,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Key>>> {
  const found = new Map<string, Map<string, Key>>();
  for (const row of await rowsOf<Record<'catalog' | 'oid' | 'schema' | 'name', string>>(session, NAMES)) {
    const names = found.get(row.catalog) ?? new Map<string, Key>();
    found.set(row.catalog, names.set(nameKey(row.schema, row.name), `${row.catalog}:${row.oid}`));
  }
  return found;
}
