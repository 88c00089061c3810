import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { rowsOf, type Session } from '../run/session.ts';
import type { Differing } from './digests.ts';
import type { Whole } from './wholes.ts';

interface Work {
  readonly source: Session;
  readonly service: Session;
  readonly signal: AbortSignal;
  readonly searchPath: readonly string[];
}

/** Removed rows, and the old state of changed ones. Before any insert, so that no unique key is in the way of another row. */
export async function removeRows(source: Session, whole: Whole, differing: Differing): Promise<void> {
  for (const { name } of whole.tables)
    await source.query(
      `DELETE FROM ONLY ${name} AS gone USING ${differing} AS d WHERE d.our_leaf = ${pg.escapeLiteral(name)} AND gone.ctid = d.our_at::tid`,
    );
}

/**
 * Added rows, and the new state of changed ones: straight from table to table by COPY, with no row parsed here. COPY takes
 * values for identity columns as they are; generated columns are computed again.
 */
export async function fetchRows(work: Work, whole: Whole, from: { readonly differing: Differing; readonly number: number }): Promise<void> {
  const { source, service, signal } = work;
  const wanted = `pg_temp.wanted_${from.number}`;
  await service.query(`CREATE TEMPORARY TABLE wanted_${from.number} (leaf text, at text) ON COMMIT DROP`);
  const lines = `SELECT their_leaf, their_at FROM ${from.differing} WHERE their_at IS NOT NULL`;
  await pipeline(
    source.query(copyTo(`COPY (${lines}) TO STDOUT (FORMAT binary)`)),
    service.query(copyFrom(`COPY ${wanted} FROM STDIN (FORMAT binary)`)),
    { signal },
  );
  await service.query(`ANALYZE ${wanted}`);
  for (const table of whole.tables) {
    const [count] = await rowsOf<{ some: boolean }>(service, `SELECT EXISTS (SELECT FROM ${wanted} WHERE leaf = $1) AS some`, [table.name]);
    if (count?.some !== true) continue;
    const columns = table.columns.map((column) => `t.${column}`).join(', ');
    const rows = `SELECT ${columns} FROM ONLY ${table.name} AS t JOIN ${wanted} AS w ON w.leaf = ${pg.escapeLiteral(table.name)} AND t.ctid = w.at::tid`;
    // checks and generated columns call functions whose bodies may rely on it
    await source.query(`SET LOCAL search_path = ${work.searchPath.length > 0 ? work.searchPath.join(', ') : "''"}`);
    await pipeline(
      service.query(copyTo(`COPY (${rows}) TO STDOUT (FORMAT ${table.format})`)),
      source.query(copyFrom(`COPY ${table.into}${table.columns.length === 0 ? '' : ` (${table.columns.join(', ')})`} FROM STDIN (FORMAT ${table.format})`)),
      { signal },
    );
    await source.query("SET LOCAL search_path = ''");
  }
} // prettier-ignore
