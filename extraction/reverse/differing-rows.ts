import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { WrittenTable } from '../api.ts';
import { rowsOf, type Session } from '../run/session.ts';
import type { TableGroup } from '../run/table-groups.ts';

/**
 * Name of a temporary table in the source's session with one line per differing row. `k` identifies the row; `our_leaf`
 * and `our_at` are its table and ctid in the source, `their_leaf` and `their_at` those in the service, NULL where the row
 * does not exist. The positions are valid while both transactions are open: the source's tables are locked or read in
 * one snapshot, the service's are read in one snapshot.
 */
export type DifferingRows = string;

const EXAMPLES = 5;

/** `k` is the text of the key; without a key, the row's digest and the number of equal rows before it. */
function linesOf(group: TableGroup): string {
  const text = (columns: readonly string[]): string =>
    `ROW(${columns.map((column) => `t.${column}`).join(', ')})::text COLLATE "C"`;
  const lines = group.tables.map(
    (table) =>
      `SELECT ${group.key.length > 0 ? text(group.key) : 'NULL::text'} AS k, ${text(group.compared)} AS r, ${pg.escapeLiteral(table.name)} AS leaf, t.ctid::text AS at FROM ONLY ${table.name} AS t`,
  );
  const digested = `SELECT l.k, hashtextextended(l.r, 0)::text || ' ' || hashtextextended(l.r, 1)::text AS d, l.leaf, l.at FROM (${lines.join(' UNION ALL ')} OFFSET 0) AS l`;
  if (group.key.length > 0) return digested;
  return `SELECT x.d || ' ' || row_number() OVER (PARTITION BY x.d) AS k, x.d, x.leaf, x.at FROM (${digested}) AS x`;
}

/**
 * Sends one line per row from the service: its key's text, its digest and its position. `number` makes the names of
 * temporary tables unique. The caller has opened a transaction on both sides.
 */
export async function findDiffering(
  sessions: { readonly source: Session; readonly service: Session },
  group: TableGroup,
  options: { readonly number: number; readonly signal: AbortSignal },
): Promise<DifferingRows> {
  const { source, service } = sessions;
  const [ours, theirs, differing] = ['ours', 'theirs', 'differing'].map(
    (word) => `${word}_${options.number}`,
  );
  const lines = linesOf(group);
  await source.query(`CREATE TEMPORARY TABLE ${ours} ON COMMIT DROP AS ${lines}`);
  await source.query(
    `CREATE TEMPORARY TABLE ${theirs} (k text COLLATE "C", d text, leaf text, at text) ON COMMIT DROP`,
  );
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
}

/** Numbers of rows that the service has added, changed and removed, with the first few by key. */
export async function countDifferences(
  sessions: { readonly source: Session; readonly service: Session },
  group: TableGroup,
  differing: DifferingRows,
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
      `${row.word} ${group.key.length > 0 ? row.k : await rowText(row.mine ? sessions.source : sessions.service, group, row)}`,
    );
  return {
    name: group.into,
    added: Number(counts?.added ?? 0),
    changed: Number(counts?.changed ?? 0),
    removed: Number(counts?.removed ?? 0),
    examples,
  };
}

const SHOWN = 200;

/** A row without a key is identified by its values. */
async function rowText(
  session: Session,
  group: TableGroup,
  row: { readonly leaf: string; readonly at: string },
): Promise<string> {
  const [found] = await rowsOf<{ text: string }>(
    session,
    `SELECT left(ROW(${group.compared.map((column) => `t.${column}`).join(', ')})::text, ${SHOWN}) AS text FROM ONLY ${row.leaf} AS t WHERE t.ctid = $1::tid`,
    [row.at],
  );
  return found?.text ?? '';
}
