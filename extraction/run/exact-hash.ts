import { rowsOf, type Session } from './session.ts';

type Render = (value: string) => string;

const itself: Render = (value) => value;
/** Compares bytes, because different texts can be equal under a collation. */
const bytes: Render = (value) => `${value} COLLATE pg_catalog."C"`;
const sent =
  (name: string): Render =>
  (value) =>
    `pg_catalog.${name}(${value})`;
/** Uses the type's output function: a cast to text may be user-defined, and strips the blanks of char(n). */
const printed =
  (name: string): Render =>
  (value) =>
    `pg_catalog.textin(pg_catalog.${name}(${value})) COLLATE pg_catalog."C"`;
/** Compares bits, so that -0 differs from 0. All NaN count as one, as in COPY's text format. */
const float =
  (name: string): Render =>
  (value) =>
    `pg_catalog.${name}send(CASE WHEN pg_catalog.${name}eq(${value}, 'NaN') THEN 'NaN' ELSE ${value} END)`;

/**
 * How a value of each type is hashed. A type is hashed directly only if its hash distinguishes all values that its text
 * distinguishes. Hashes of bigint and of timestamps fold 64 bits into 32, those of numeric ignore scale and sign of zero,
 * that of interval equates a day with 24 hours: these types are hashed by their binary form. Hashes and binary forms are
 * the same in all supported majors, because hash partitioning and binary COPY rely on them; they differ between
 * processors of different byte order. Types that are missing here are hashed by their text.
 */
const RENDERINGS: Readonly<Record<string, Render>> = {
  bool: itself,
  int2: itself,
  int4: itself,
  oid: itself,
  date: itself,
  uuid: itself,
  bytea: itself,
  text: bytes,
  varchar: bytes,
  int8: sent('int8send'),
  numeric: sent('numeric_send'),
  time: sent('time_send'),
  timetz: sent('timetz_send'),
  timestamp: sent('timestamp_send'),
  timestamptz: sent('timestamptz_send'),
  interval: sent('interval_send'),
  inet: sent('inet_send'),
  cidr: sent('cidr_send'),
  float4: float('float4'),
  float8: float('float8'),
  bpchar: printed('bpcharout'),
  json: printed('json_out'),
  jsonb: printed('jsonb_out'),
};

/** An array of built-in elements is hashed by its text. */
const ARRAY = printed('array_out');

/**
 * SQL of a record whose hash (`hash_record_extended`) reflects every difference that the row's text shows. `columns`
 * are quoted names; `t` is the table's alias.
 */
export async function exactRecord(
  session: Session,
  table: string,
  columns: readonly string[],
): Promise<string> {
  const types = await readTypes(session, table, columns);
  const values: string[] = [];
  const others: string[] = [];
  for (const [index, column] of columns.entries()) {
    const type = types[index] ?? '';
    const render = RENDERINGS[type] ?? (type.startsWith('_') ? ARRAY : undefined);
    if (render === undefined) others.push(`t.${column}`);
    // a domain is hashed as its base type
    else values.push(render(`(t.${column})::pg_catalog.${type}`));
  }
  if (others.length > 0) values.push(`ROW(${others.join(', ')})::text COLLATE pg_catalog."C"`);
  return `ROW(${values.join(', ')})`;
}

/** Names of built-in types, with domains resolved; `null` for a user-defined type. */
async function readTypes(
  session: Session,
  table: string,
  columns: readonly string[],
): Promise<(string | null)[]> {
  // majors quote different words, so names are compared unquoted
  const rows = await rowsOf<{ type: string | null }>(
    session,
    `SELECT (WITH RECURSIVE base AS (
         SELECT t.typname, t.typnamespace, t.typbasetype FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
         UNION ALL
         SELECT t.typname, t.typnamespace, t.typbasetype FROM pg_catalog.pg_type t JOIN base ON t.oid = base.typbasetype)
       SELECT typname FROM base WHERE typbasetype = 0 AND typnamespace = 'pg_catalog'::regnamespace) AS type
     FROM pg_catalog.unnest($2::text[]) WITH ORDINALITY AS c (name, position)
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::regclass AND NOT a.attisdropped
       AND a.attname = (pg_catalog.parse_ident(c.name))[1]
     ORDER BY c.position`,
    [table, columns],
  );
  return rows.map((row) => row.type);
}
