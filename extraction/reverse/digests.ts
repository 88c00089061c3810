import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { WrittenTable } from '../api.ts';
import { rowsOf, type Session } from '../run/session.ts';
import type { Whole } from './wholes.ts';

/**
 * The rows in which both sides of a whole differ, as a temporary table of the source's session: `k` tells rows apart, and
 * `our_leaf`, `our_at`, `their_leaf`, `their_at` say where each lies on its side, NULL where it does not. Rows themselves
 * stay where they are. Positions hold as long as both transactions are open: the source's tables are locked or read in
 * one snapshot, the service's are read in one snapshot.
 */
export type Differing = string;

const EXAMPLES = 5;

/** Where the table has a key, its text; else the row's digest and how many equal rows came before it. */
function linesOf(whole: Whole): string {
  const text = (columns: readonly string[]): string => `ROW(${columns.map((column) => `t.${column}`).join(', ')})::text COLLATE "C"`;
  const lines = whole.tables.map(
    (table) =>
      `SELECT ${whole.key.length > 0 ? text(whole.key) : 'NULL::text'} AS k, ${text(whole.compared)} AS r, ${pg.escapeLiteral(table.name)} AS leaf, t.ctid::text AS at FROM ONLY ${table.name} AS t`,
  );
  const digested = `SELECT l.k, hashtextextended(l.r, 0)::text || ' ' || hashtextextended(l.r, 1)::text AS d, l.leaf, l.at FROM (${lines.join(' UNION ALL ')} OFFSET 0) AS l`;
  if (whole.key.length > 0) return digested;
  return `SELECT x.d || ' ' || row_number() OVER (PARTITION BY x.d) AS k, x.d, x.leaf, x.at FROM (${digested}) AS x`;
} // prettier-ignore

/**
 * Only a line a row crosses: its key's text, its digest, its place. `number` tells the temporary tables of several wholes
 * apart. The caller has opened a transaction on both sides.
 */
export async function findDiffering(
  sessions: { readonly source: Session; readonly service: Session },
  whole: Whole,
  options: { readonly number: number; readonly signal: AbortSignal },
): Promise<Differing> {
  const { source, service } = sessions;
  const [ours, theirs, differing] = ['ours', 'theirs', 'differing'].map((word) => `${word}_${options.number}`);
  const lines = linesOf(whole);
  await source.query(`CREATE TEMPORARY TABLE ${ours} ON COMMIT DROP AS ${lines}`);
  await source.query(`CREATE TEMPORARY TABLE ${theirs} (k text COLLATE "C", d text, leaf text, at text) ON COMMIT DROP`);
  await pipeline(
    service.query(copyTo(`COPY (${lines}) TO STDOUT (FORMAT binary)`)),
    source.query(copyFrom(`COPY pg_temp.${theirs} FROM STDIN (FORMAT binary)`)),
    { signal: options.signal },
  );
  await source.query(`ANALYZE pg_temp.${ours}, pg_temp.${theirs}`);
  await source.query(
    `CREATE TEMPORARY TABLE ${differing} ON COMMIT DROP AS
     SELECT k, o.leaf AS our_leaf, o.at AS our_at, t.leaf AS their_leaf, t.at AS their_at
     FROM pg_temp.${ours} AS o FULL JOIN pg_temp.${theirs} AS t USING (k) WHERE o.d IS DISTINCT FROM t.d`,
  );
  await source.query(`DROP TABLE pg_temp.${ours}, pg_temp.${theirs}; ANALYZE pg_temp.${differing}`);
  return `pg_temp.${differing}`;
} // prettier-ignore

/** How many rows the service has added, changed and removed, with the first few of them by key. */
export async function countDifferences(
  sessions: { readonly source: Session; readonly service: Session },
  whole: Whole,
  differing: Differing,
): Promise<WrittenTable> {
  const [counts] = await rowsOf<{ added: string; changed: string; removed: string }>(
    sessions.source,
    `SELECT count(*) FILTER (WHERE our_at IS NULL) AS added, count(*) FILTER (WHERE our_at IS NOT NULL AND their_at IS NOT NULL) AS changed,
      count(*) FILTER (WHERE their_at IS NULL) AS removed FROM ${differing}`,
  );
  const first = await rowsOf<{ word: string; k: string; leaf: string; at: string; mine: boolean }>(
    sessions.source,
    `SELECT CASE WHEN our_at IS NULL THEN 'added' WHEN their_at IS NULL THEN 'removed' ELSE 'changed' END AS word, k,
      coalesce(their_leaf, our_leaf) AS leaf, coalesce(their_at, our_at) AS at, their_at IS NULL AS mine FROM ${differing} ORDER BY k LIMIT ${EXAMPLES}`,
  );
  const examples: string[] = [];
  for (const row of first)
    examples.push(
      `${row.word} ${whole.key.length > 0 ? row.k : await rowText(row.mine ? sessions.source : sessions.service, whole, row)}`,
    );
  return {
    name: whole.into,
    added: Number(counts?.added ?? 0),
    changed: Number(counts?.changed ?? 0),
    removed: Number(counts?.removed ?? 0),
    examples,
  };
}

const SHOWN = 200;

/** A row without a key is named by what it holds. */
async function rowText(
  session: Session,
  whole: Whole,
  row: { readonly leaf: string; readonly at: string },
): Promise<string> {
  const [found] = await rowsOf<{ text: string }>(
    session,
    `SELECT left(ROW(${whole.compared.map((column) => `t.${column}`).join(', ')})::text, ${SHOWN}) AS text FROM ONLY ${row.leaf} AS t WHERE t.ctid = $1::tid`,
    [row.at],
  );
  return found?.text ?? '';
}
