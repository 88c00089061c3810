import { rowsOf, type Session } from './session.ts';

type Render = (value: string) => string;

const itself: Render = (value) => value;
/** Bytes decide, not the rules of a collation under which different texts are equal. */
const bytes: Render = (value) => `${value} COLLATE pg_catalog."C"`;
const sent =
  (name: string): Render =>
  (value) =>
    `pg_catalog.${name}(${value})`;
/** Through the type's own output function: a cast to text may be somebody's own, and char(n) loses its blanks by it. */
const printed =
  (name: string): Render =>
  (value) =>
    `pg_catalog.textin(pg_catalog.${name}(${value})) COLLATE pg_catalog."C"`;
/** Bit by bit, so that -0 is not 0; but there are many NaN, and COPY in text makes one of them. */
const float =
  (name: string): Render =>
  (value) =>
    `pg_catalog.${name}send(CASE WHEN pg_catalog.${name}eq(${value}, 'NaN') THEN 'NaN' ELSE ${value} END)`;

/**
 * What of a value is hashed. A type stands here as itself only if its hash tells apart whatever its text tells apart:
 * hashes of bigint and of points in time fold 64 bits into 32, those of numeric know neither scale nor sign, that of
 * interval takes a day for 24 hours. These go by their binary form. Their hashes and forms are the same in all majors
 * that are supported, because hash partitions and dumps by binary COPY rely on it; across processors of another byte
 * order they are not. Types that are missing here go by their text.
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

/** An array of built-in elements goes by the text of its elements. */
const ARRAY = printed('array_out');

/**
 * Rows as records whose hash (`hash_record_extended`) sees every difference that their text would show. `columns` are
 * quoted names; `t` stands for the table.
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
    // a domain hashes as what it is over
    else values.push(render(`(t.${column})::pg_catalog.${type}`));
  }
  if (others.length > 0) values.push(`ROW(${others.join(', ')})::text COLLATE pg_catalog."C"`);
  return `ROW(${values.join(', ')})`;
}

/** Names of built-in types, seen through domains; `null` for a type that somebody made. */
async function readTypes(
  session: Session,
  table: string,
  columns: readonly string[],
): Promise<(string | null)[]> {
  // majors quote different words: the bare name is what both sides have in common
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
