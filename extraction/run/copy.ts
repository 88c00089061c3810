import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { ExtractionPlan } from '../plan/plan.ts';
import { recordDone } from './checkpoint.ts';
import type { Part } from './parts.ts';
import type { Session } from './session.ts';
import { setLocalSourceSettings } from './source-settings.ts';

export interface Copied {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Copies one part by COPY, piped from server to server without parsing rows; a slow target slows the source down. The
 * part is committed together with its ledger entry, so it is either complete and recorded, or absent.
 */
export async function copyPart(
  sessions: { readonly source: Session; readonly target: Session },
  part: Part,
  options: {
    readonly signal: AbortSignal;
    readonly plan: ExtractionPlan;
    /** Receives the bytes of this part that have been copied so far. */
    readonly moving: (bytes: number) => void;
  },
): Promise<Copied> {
  const { table } = part;
  const columns = table.columns.length === 0 ? '' : ` (${table.columns.join(', ')})`;
  const format = `FORMAT ${table.format}`;
  const alone = part.pages === null && table.into === table.name && table.condition === undefined;
  await sessions.target.query('BEGIN');
  try {
    // checks and generated columns call functions whose bodies may rely on the search path
    await setLocalSourceSettings(sessions.target, options.plan);
    // Rows that arrive in the transaction of a TRUNCATE can be frozen, so no vacuum has to rewrite them.
    if (alone) await sessions.target.query(`TRUNCATE ONLY ${table.name}`);
    // rows of the extension's own script that the user may have changed
    if (table.condition !== undefined)
      await sessions.target.query(`DELETE FROM ONLY ${table.name} ${table.condition}`);
    const passes = passesBytes(options.plan, part);
    if (passes) await setEncoding(sessions, options.plan.source.encoding);
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
    if (passes) await setEncoding(sessions, 'UTF8');
    const copied = { rows: into.rowCount, bytes };
    await recordDone(sessions.target, part.id, copied);
    await sessions.target.query('COMMIT');
    return copied;
  } catch (error) {
    await sessions.target.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * True when the bytes of text can pass unconverted: both databases have one encoding, and a conversion would refuse
 * characters that it does not know. The statements are sent as UTF-8, so their names must be ASCII. Sessions of a
 * database in SQL_ASCII convert nothing anyway.
 */
function passesBytes({ source }: ExtractionPlan, { table }: Part): boolean {
  const names = [table.name, table.into, ...table.columns].join('');
  return !['UTF8', 'SQL_ASCII'].includes(source.encoding) && /^[\x20-\x7e]*$/.test(names);
}

async function setEncoding(
  { source, target }: { readonly source: Session; readonly target: Session },
  encoding: string,
): Promise<void> {
  for (const session of [source, target])
    await session.query(`SET LOCAL client_encoding = ${pg.escapeLiteral(encoding)}`);
}

/** What COPY reads of a part. */
export function sourceOf({ table, pages }: Pick<Part, 'table' | 'pages'>): string {
  const columns = table.columns.join(', ');
  if (table.condition !== undefined) return `(SELECT ${columns} FROM ONLY ${table.name} ${table.condition})`;
  if (pages === null && table.columns.length > 0) return `${table.name} (${columns})`;
  const where =
    pages === null
      ? ''
      : ` WHERE ctid >= '(${pages.from},0)'::tid${pages.to === null ? '' : ` AND ctid < '(${pages.to},0)'::tid`}`;
  return `(SELECT ${columns} FROM ONLY ${table.name}${where})`;
}
