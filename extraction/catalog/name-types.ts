import { rowsOf, type Session } from '../run/session.ts';

/** Types whose text form is the name of an object (PostgreSQL 15 manual, 8.19). */
export const NAME_TYPES = [
  'regclass',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regnamespace',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'regrole',
  'regtype',
] as const;

/** What a text names. No type is behind `parser`: functions on text search parsers take text. */
export type NameType = (typeof NAME_TYPES)[number] | 'parser';

/** The name type of a type name such as `pg_catalog.regclass` or `regconfig[]`; otherwise `null`. */
export function nameTypeOf(type: string | undefined): NameType | null {
  const bare = type
    ?.replace(/^pg_catalog\./, '')
    .replace(/(\[\d*\])+$/, '')
    .toLowerCase();
  return NAME_TYPES.find((item) => item === bare) ?? null;
}

/** The arguments of one function, as far as they take names. */
export interface Signature {
  readonly args: number;
  readonly defaults: number;
  readonly variadic: boolean;
  readonly types: readonly (NameType | null)[];
}

const SIGNATURES = `
SELECT p.proname AS name, p.pronargs AS args, p.pronargdefaults AS defaults, p.provariadic <> 0 AS variadic,
  (SELECT json_agg(CASE WHEN t.oid = ANY (names.oids) THEN t.typname END ORDER BY a.position)
   FROM unnest(p.proargtypes) WITH ORDINALITY a(oid, position) JOIN pg_type t ON t.oid = a.oid) AS types
FROM pg_proc p, (SELECT array_agg(oid) AS oids FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname = ANY ($1::text[])) names
WHERE p.proargtypes::oid[] && names.oids`;

/** Built-in functions that take a name as plain text, by their first argument. */
const TEXT_FUNCTIONS: readonly (readonly [string, NameType])[] = [
  ...NAME_TYPES.map((type) => [`to_${type}`, type] as const),
  ['pg_get_serial_sequence', 'regclass'],
  ['ts_parse', 'parser'],
  ['ts_token_type', 'parser'],
];

/** Functions with arguments that are names, built-in and user-defined, by unquoted name. */
export async function readSignatures(session: Session): Promise<ReadonlyMap<string, readonly Signature[]>> {
  const rows = await rowsOf<Signature & { readonly name: string }>(session, SIGNATURES, [NAME_TYPES]);
  const found = new Map<string, Signature[]>();
  const add = (name: string, signature: Signature): void =>
    void found.set(name, [...(found.get(name) ?? []), signature]);
  for (const { name, ...signature } of rows) add(name, signature);
  for (const [name, type] of TEXT_FUNCTIONS)
    add(name, { args: 2, defaults: 1, variadic: false, types: [type, null] });
  return found;
}
