import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { TableCopy } from '../plan/plan.ts';
import { recordDone } from './checkpoint.ts';
import type { Session } from './session.ts';

/** A range of pages; `null` for the whole table. */
export interface Part {
  readonly id: string;
  readonly locks: readonly string[];
  readonly table: TableCopy;
  readonly pages: { readonly from: number; readonly to: number | null } | null;
}

/** 64 MiB of pages of 8 KiB: one part. Smaller tables are one stream, which can freeze its rows. */
const PAGES_PER_PART = 8192;

export function splitTable(table: TableCopy, jobs: number): Part[] {
  const count = jobs < 2 ? 1 : Math.min(Math.floor(table.pages / PAGES_PER_PART) + 1, 64);
  if (count < 2) return [{ id: `data ${table.name}`, locks: [], table, pages: null }];
  const size = Math.ceil(table.pages / count);
  return Array.from({ length: count }, (_, n) => ({
    id: `data ${table.name} ${n + 1}/${count}`,
    locks: [],
    table,
    // the last part is open: the table may have grown since it was measured
    pages: { from: n * size, to: n === count - 1 ? null : (n + 1) * size },
  }));
}

export interface Copied {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Moves one part by COPY, piped from server to server with no row parsed here; a slow target holds the source back.
 * The part is committed together with its checkpoint, so it is either wholly there and known, or not there.
 */
export async function copyPart(
  sessions: { readonly source: Session; readonly target: Session },
  part: Part,
  options: {
    readonly signal: AbortSignal;
    readonly searchPath: readonly string[];
    /** Told the bytes of this part that have passed so far. */
    readonly moving: (bytes: number) => void;
  },
): Promise<Copied> {
  const { table } = part;
  const columns = table.columns.length === 0 ? '' : ` (${table.columns.join(', ')})`;
  const format = `FORMAT ${table.format}`;
  const alone = part.pages === null && table.into === table.name;
  await sessions.target.query('BEGIN');
  try {
    // checks and generated columns call functions whose bodies may rely on it
    if (options.searchPath.length > 0)
      await sessions.target.query(`SET LOCAL search_path = ${options.searchPath.join(', ')}`);
    // An empty table whose rows come in its own transaction can be frozen: no vacuum has to touch it again.
    if (alone) await sessions.target.query(`TRUNCATE ONLY ${table.name}`);
    let bytes = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done): void {
        bytes += chunk.length;
        options.moving(bytes);
        done(null, chunk);
      },
    });
    const out = sessions.source.query(copyTo(`COPY ${sourceOf(part)} TO STDOUT (${format})`));
    const into = sessions.target.query(
      copyFrom(`COPY ${table.into}${columns} FROM STDIN (${format}${alone ? ', FREEZE' : ''})`),
    );
    await pipeline(out, count, into, { signal: options.signal });
    const copied = { rows: into.rowCount, bytes };
    await recordDone(sessions.target, part.id, copied);
    await sessions.target.query('COMMIT');
    return copied;
  } catch (error) {
    await sessions.target.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function sourceOf({ table, pages }: Part): string {
  const columns = table.columns.join(', ');
  if (pages === null && table.columns.length > 0) return `${table.name} (${columns})`;
  const where =
    pages === null
      ? ''
      : ` WHERE ctid >= '(${pages.from},0)'::tid${pages.to === null ? '' : ` AND ctid < '(${pages.to},0)'::tid`}`;
  return `(SELECT ${columns} FROM ONLY ${table.name}${where})`;
}
