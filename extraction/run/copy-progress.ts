import type { Progress } from '../api.ts';
import type { Copied } from './copy.ts';
import type { Part } from './parts.ts';

const INTERVAL_MS = 200;

/** Most of a part that counts as copied before its end: the size of a table does not tell how long its rows are. */
const MOST_BEFORE_END = 0.9;

/** A part as far as it has been copied. */
interface PartState {
  readonly part: Pick<Part, 'id' | 'table'>;
  /** Bytes that it is expected to have: its share of the table's size. */
  readonly size: number;
  /** Bytes copied so far; `null` before its start. */
  moved: number | null;
  copied: Copied | null;
}

/**
 * Counts rows and bytes while parts are being copied. COPY reports rows only at the end of a part; until then they are
 * estimated from sizes and statistics, which may be wrong. The estimate stays below its total until every part is
 * complete.
 */
export class CopyProgress {
  readonly #states: ReadonlyMap<string, PartState>;
  readonly #tell: (progress: Progress) => void;
  #toldAt = -Infinity;

  /** @param parts every part that will be started or finished */
  constructor(parts: readonly Pick<Part, 'id' | 'table'>[], tell: (progress: Progress) => void) {
    const counts = countBy(parts, ({ table }) => table.name);
    this.#states = new Map(
      parts.map((part): [string, PartState] => {
        const size = part.table.bytes / (counts.get(part.table.name) ?? 1);
        return [part.id, { part, size, moved: null, copied: null }];
      }),
    );
    this.#tell = tell;
  }

  /** @param bytes bytes of this part that have been copied so far; 0 at its start */
  moving({ id }: Pick<Part, 'id'>, bytes: number): void {
    const state = this.#states.get(id);
    if (state === undefined) return;
    const isStart = state.moved === null;
    state.moved = bytes;
    if (!isStart && performance.now() - this.#toldAt < INTERVAL_MS) return;
    this.#say(state);
  }

  finished({ id }: Pick<Part, 'id'>, copied: Copied): void {
    const state = this.#states.get(id);
    if (state === undefined) return;
    state.copied = copied;
    this.#say(state);
  }

  /** Rows and bytes of each table so far. */
  sums(): Record<string, Copied> {
    const sums: Record<string, Copied> = {};
    for (const { part, copied } of this.#states.values()) {
      const { rows, bytes } = sums[part.table.name] ?? { rows: 0, bytes: 0 };
      sums[part.table.name] = { rows: rows + (copied?.rows ?? 0), bytes: bytes + (copied?.bytes ?? 0) };
    }
    return sums;
  }

  #say(latest: PartState): void {
    const target = this.#largestUnderWay() ?? latest.part.table.name;
    this.#toldAt = performance.now();
    this.#tell({ target, unit: 'rows', ...this.#estimate() });
  }

  /** The table that the copy waits for. */
  #largestUnderWay(): string | null {
    const left = ({ size, moved }: PartState): number => size - (moved ?? 0);
    const underWay = [...this.#states.values()].filter((s) => s.moved !== null && s.copied === null);
    const largest = underWay.reduce<PartState | null>(
      (most, state) => (most === null || left(state) > left(most) ? state : most),
      null,
    );
    return largest?.part.table.name ?? null;
  }

  #estimate(): { readonly done: number; readonly total: number; readonly bytes: number } {
    const known = this.#finishedRows();
    let done = 0;
    let total = 0;
    let bytes = 0;
    for (const { part, size, moved, copied } of this.#states.values()) {
      bytes += copied?.bytes ?? moved ?? 0;
      const rows = copied?.rows ?? Math.max(1, known.get(part.table.name) ?? rowsIn(part.table, size));
      total += rows;
      done += copied === null ? rows * shareOf(moved ?? 0, size) : rows;
    }
    // a part that is not complete has at least one row left
    return { done: Math.floor(done), total: Math.ceil(total), bytes };
  }

  /** Mean rows of the complete parts by table: better than any statistics for the parts that remain. */
  #finishedRows(): ReadonlyMap<string, number> {
    const complete = [...this.#states.values()].filter(({ copied }) => copied !== null);
    const counts = countBy(complete, ({ part }) => part.table.name);
    const sums = this.sums();
    return new Map([...counts].map(([table, count]) => [table, (sums[table]?.rows ?? 0) / count]));
  }
}

const shareOf = (moved: number, size: number): number =>
  moved === 0 ? 0 : moved / Math.max(size, moved / MOST_BEFORE_END, 1);

const rowsIn = ({ rows, bytes }: Part['table'], size: number): number =>
  bytes === 0 ? rows : (rows * size) / bytes;

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
