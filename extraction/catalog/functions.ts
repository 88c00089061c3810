import type { NameType } from './name-types.ts';
import type { Key, Oid, DatabaseObject } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { ACL, CREATED_WITH_TYPE, OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

/** Objects that a function's body names. Found by parsing, because pg_depend does not record them. */
export interface BodyReferences {
  readonly relations: readonly Oid[];
  readonly sequences: readonly Oid[];
  readonly functions: readonly Oid[];
  readonly types: readonly Oid[];
  /** Text search objects, collations and schemas. */
  readonly objects: readonly Key[];
  /** Unquoted names of roles. */
  readonly roles: readonly string[];
  /** Types of the names that it computes at run time. */
  readonly computes: readonly NameType[];
  /** User-defined operators that it may use, with the user-defined types of their operands. */
  readonly operators: readonly { readonly oid: Oid; readonly types: readonly Oid[] }[];
  /** Uses unqualified names. */
  readonly reliesOnPath: boolean;
  /** Builds statements at run time. */
  readonly dynamic: boolean;
  /** Builds the name of a sequence at run time. */
  readonly computesSequence: boolean;
  /** The body could not be parsed. */
  readonly unparsed: boolean;
}

export interface FunctionObject extends DatabaseObject {
  /** With its argument types: `public.f(integer)`. */
  readonly identity: string;
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly language: string;
  readonly trusted: boolean;
  readonly definition: string | null;
  readonly aggregate: string | null;
  /** Its own search path, when it sets one. */
  readonly path: string | null;
  /** Library of a function in C, as `$libdir/unaccent`. */
  readonly library: string | null;
  readonly body: BodyReferences;
}

const FUNCTIONS = `
SELECT p.oid::text, ${QUALIFIED('n.nspname', 'p.proname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('p.proowner')} AS owner,
  ${ACL('p.proacl')} AS acl, ${QUALIFIED('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS identity,
  p.proname AS "rawName", n.nspname AS "rawSchema", p.prokind AS kind, l.lanname AS language, l.lanpltrusted AS trusted,
  CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition,
  CASE WHEN l.lanname NOT IN ('c', 'internal') THEN p.prosrc END AS source, p.prosqlbody IS NOT NULL AS atomic,
  (SELECT substr(s, 13) FROM unnest(p.proconfig) s WHERE s ~ '^search_path=') AS path,
  (SELECT substr(s, 28) FROM unnest(p.proconfig) s WHERE s ~ '^default_text_search_config=') AS "textSearchConfig", p.probin AS library,
  p.pronargs AS args, p.pronargdefaults AS defaults, p.provariadic <> 0 AS variadic
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE ${USER_SCHEMA('n')} AND NOT ${CREATED_WITH_TYPE("'pg_proc'::regclass", 'p.oid')}
ORDER BY n.nspname, p.proname, 6`;

// Every option that CREATE AGGREGATE knows, left out where it is the default (PostgreSQL 15 manual, CREATE AGGREGATE).
const AGGREGATES = `
SELECT a.aggfnoid::oid::text AS oid, array_to_string(array_remove(ARRAY[
  'SFUNC = ' || a.aggtransfn::regproc, 'STYPE = ' || format_type(a.aggtranstype, NULL),
  CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
  'FINALFUNC = ' || nullif(a.aggfinalfn::oid, 0)::regproc,
  CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
  CASE WHEN a.aggfinalfn::oid <> 0 AND a.aggfinalmodify <> (CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END) THEN
    'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
  'COMBINEFUNC = ' || nullif(a.aggcombinefn::oid, 0)::regproc, 'SERIALFUNC = ' || nullif(a.aggserialfn::oid, 0)::regproc,
  'DESERIALFUNC = ' || nullif(a.aggdeserialfn::oid, 0)::regproc, 'INITCOND = ' || quote_literal(a.agginitval),
  'MSFUNC = ' || nullif(a.aggmtransfn::oid, 0)::regproc, 'MINVFUNC = ' || nullif(a.aggminvtransfn::oid, 0)::regproc,
  'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
  CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
  'MFINALFUNC = ' || nullif(a.aggmfinalfn::oid, 0)::regproc, CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
  CASE WHEN a.aggmfinalfn::oid <> 0 AND a.aggmfinalmodify <> (CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END) THEN
    'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
  'MINITCOND = ' || quote_literal(a.aggminitval),
  (SELECT 'SORTOP = OPERATOR(' || quote_ident(on_.nspname) || '.' || o.oprname || ')' FROM pg_operator o JOIN pg_namespace on_ ON on_.oid = o.oprnamespace WHERE o.oid = a.aggsortop),
  CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
  CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END], NULL), ', ') AS options,
  pg_get_function_arguments(p.oid) AS arguments
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE ${USER_SCHEMA('n')}`;

/** A function with the columns that only the parsing of its body needs. */
export type FunctionRow = Omit<FunctionObject, 'body' | 'aggregate'> & {
  readonly rawName: string;
  readonly rawSchema: string;
  readonly source: string | null;
  /** Its own `default_text_search_config`, when it sets one. */
  readonly textSearchConfig: string | null;
  /** The body was parsed when it was created: pg_depend knows it. */
  readonly atomic: boolean;
  readonly args: number;
  readonly defaults: number;
  readonly variadic: boolean;
  readonly aggregate: string | null;
};

export async function readFunctions(session: Session): Promise<FunctionRow[]> {
  const aggregates = new Map(
    (await rowsOf<{ oid: string; options: string; arguments: string }>(session, AGGREGATES)).map((a) => [
      a.oid,
      a,
    ]),
  );
  return (await rowsOf<Omit<FunctionRow, 'aggregate'>>(session, FUNCTIONS)).map((row) => {
    const aggregate = aggregates.get(row.oid);
    const signature = aggregate?.arguments === '' ? '*' : aggregate?.arguments;
    return {
      ...row,
      identity: row.kind === 'a' && signature === '*' ? `${row.name}(*)` : row.identity,
      aggregate:
        aggregate === undefined
          ? null
          : `CREATE AGGREGATE ${row.name}(${signature ?? ''}) (${aggregate.options})`,
    };
  });
}
