import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { TableCopy } from '../plan/plan.ts';
import { isTrue, type Session } from '../run/session.ts';
import type { TableGroup } from '../run/table-groups.ts';
import type { DifferingRows } from './differing-rows.ts';

interface Work {
  readonly source: Session;
  readonly service: Session;
  readonly signal: AbortSignal;
  readonly searchPath: readonly string[];
}

/** Deletes removed rows and the old versions of changed ones. Runs before any insert, so that no unique key conflicts. */
export async function removeRows(
  source: Session,
  group: TableGroup,
  differing: DifferingRows,
): Promise<void> {
  for (const { name } of group.tables)
    await source.query(
      `DELETE FROM ONLY ${name} AS gone USING ${differing} AS d WHERE d.our_leaf = ${pg.escapeLiteral(name)} AND gone.ctid = d.our_at::tid`,
    );
}

/**
 * Copies added rows and the new versions of changed ones, from table to table by COPY, without parsing rows. COPY
 * accepts values for identity columns; generated columns are computed again.
 */
export async function fetchRows(
  work: Work,
  group: TableGroup,
  rows: { readonly differing: DifferingRows; readonly number: number },
): Promise<void> {
  const wanted = await sendPositions(work, rows);
  for (const table of group.tables)
    if (await isTrue(work.service, `EXISTS (SELECT FROM ${wanted} WHERE leaf = $1)`, [table.name]))
      await copyRows(work, table, wanted);
}

/** Gives the service the positions of the rows to copy; returns the name of the temporary table. */
async function sendPositions(
  { source, service, signal }: Work,
  { differing, number }: { readonly differing: DifferingRows; readonly number: number },
): Promise<string> {
  const wanted = `pg_temp.wanted_${number}`;
  await service.query(`CREATE TEMPORARY TABLE wanted_${number} (leaf text, at text) ON COMMIT DROP`);
  const lines = `SELECT their_leaf, their_at FROM ${differing} WHERE their_at IS NOT NULL`;
  await pipeline(
    source.query(copyTo(`COPY (${lines}) TO STDOUT (FORMAT binary)`)),
    service.query(copyFrom(`COPY ${wanted} FROM STDIN (FORMAT binary)`)),
    { signal },
  );
  await service.query(`ANALYZE ${wanted}`);
  return wanted;
}

async function copyRows(work: Work, table: TableCopy, wanted: string): Promise<void> {
  const { source, service, signal, searchPath } = work;
  const { name, into, columns, format } = table;
  const selected = columns.map((column) => `t.${column}`).join(', ');
  const rows = `SELECT ${selected} FROM ONLY ${name} AS t JOIN ${wanted} AS w ON w.leaf = ${pg.escapeLiteral(name)} AND t.ctid = w.at::tid`;
  const list = columns.length === 0 ? '' : ` (${columns.join(', ')})`;
  // checks and generated columns call functions whose bodies may rely on the search path
  await source.query(`SET LOCAL search_path = ${searchPath.length > 0 ? searchPath.join(', ') : "''"}`);
  await pipeline(
    service.query(copyTo(`COPY (${rows}) TO STDOUT (FORMAT ${format})`)),
    source.query(copyFrom(`COPY ${into}${list} FROM STDIN (FORMAT ${format})`)),
    { signal },
  );
  await source.query("SET LOCAL search_path = ''");
}
