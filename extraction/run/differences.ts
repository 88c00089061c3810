import QueryStream from 'pg-query-stream';
import type { TableCopy } from '../plan/plan.ts';
import type { Session } from './session.ts';

export interface Difference {
  readonly kind: 'missing' | 'surplus' | 'changed';
  /** Text of the key; of the whole row when the table has no key. */
  readonly key: string;
  readonly source: string | null;
  readonly target: string | null;
}

interface Row {
  readonly k: string;
  readonly r: string;
}

/**
 * Walks both sides in the order of the key's text, byte by byte, and gives the first differing rows. Rows are streamed,
 * so memory stays constant. Runs only when checksums differ.
 */
export async function findDifferences(
  source: Session,
  target: Session,
  table: TableCopy,
  limit = 5,
): Promise<Difference[]> {
  const sql = queryOf(table);
  const [left, right] = [openRows(source, sql), openRows(target, sql)];
  const found: Difference[] = [];
  try {
    let a = await next(left.rows);
    let b = await next(right.rows);
    while ((a !== null || b !== null) && found.length < limit) {
      const order = compareKeys(a, b);
      const difference = differenceOf(order > 0 ? null : a, order < 0 ? null : b);
      if (difference !== null) found.push(difference);
      if (order <= 0) a = await next(left.rows);
      if (order >= 0) b = await next(right.rows);
    }
  } finally {
    left.stream.destroy();
    right.stream.destroy();
  }
  return found;
}

function openRows(session: Session, sql: string): { stream: QueryStream; rows: AsyncIterator<Row> } {
  const stream = session.query(new QueryStream(sql, [], { batchSize: 500 }));
  return { stream, rows: stream[Symbol.asyncIterator]() as AsyncIterator<Row> };
}

/** Negative when `a` comes first; the end of a side comes last. */
function compareKeys(a: Row | null, b: Row | null): number {
  if (a === null) return 1;
  return b === null ? -1 : Buffer.compare(Buffer.from(a.k), Buffer.from(b.k));
}

function differenceOf(a: Row | null, b: Row | null): Difference | null {
  if (a === null) return b === null ? null : { kind: 'surplus', key: b.k, source: null, target: b.r };
  if (b === null) return { kind: 'missing', key: a.k, source: a.r, target: null };
  return a.r === b.r ? null : { kind: 'changed', key: a.k, source: a.r, target: b.r };
}

async function next(rows: AsyncIterator<Row>): Promise<Row | null> {
  const step = await rows.next();
  return step.done === true ? null : step.value;
}

function queryOf(table: TableCopy): string {
  const text = (columns: readonly string[]): string =>
    `ROW(${columns.map((column) => `t.${column}`).join(', ')})::text`;
  const key = table.key.length > 0 ? table.key : table.compared;
  return `SELECT ${text(key)} AS k, ${text(table.compared)} AS r FROM ONLY ${table.name} AS t ${table.condition ?? ''} ORDER BY ${text(key)} COLLATE "C", ${text(table.compared)} COLLATE "C"`;
}

export function describeDifference(table: string, difference: Difference): string {
  const short = (text: string | null): string =>
    text === null ? '' : text.length > 300 ? `${text.slice(0, 300)}…` : text;
  switch (difference.kind) {
    case 'missing':
      return `${table} ${short(difference.key)}: missing in the target; the source has ${short(difference.source)}`;
    case 'surplus':
      return `${table} ${short(difference.key)}: only in the target: ${short(difference.target)}`;
    case 'changed':
      return `${table} ${short(difference.key)}: source ${short(difference.source)}, target ${short(difference.target)}`;
  }
}
