import type { TableCopy } from '../plan/plan.ts';
import type { Progress } from '../api.ts';
import type { Copied, Part } from './copy.ts';

const INTERVAL_MS = 200;

/**
 * Counts rows and bytes while parts are on their way. COPY tells rows only at the end of a part: until then they follow
 * from the bytes, as the source's statistics would have them.
 */
export class CopyProgress {
  readonly #tables: ReadonlyMap<string, { rows: number; bytes: number }>;
  readonly #moving = new Map<string, number>();
  readonly #total: { readonly rows: number; readonly bytes: number };
  readonly #tell: (progress: Progress) => void;
  #told = -Infinity;

  constructor(tables: readonly TableCopy[], tell: (progress: Progress) => void) {
    this.#tables = new Map(tables.map((table) => [table.name, { rows: 0, bytes: 0 }]));
    this.#total = {
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
    };
    this.#tell = tell;
  }

  moving(part: Part, bytes: number): void {
    this.#moving.set(part.id, bytes);
    if (performance.now() - this.#told < INTERVAL_MS) return;
    this.#say(part.table.name);
  }

  finished(part: Pick<Part, 'id' | 'table'>, copied: Copied): void {
    this.#moving.delete(part.id);
    const sum = this.#tables.get(part.table.name);
    if (sum === undefined) return;
    sum.rows += copied.rows;
    sum.bytes += copied.bytes;
    this.#say(part.table.name);
  }

  sums(): Record<string, Copied> {
    return Object.fromEntries(this.#tables);
  }

  #say(target: string): void {
    this.#told = performance.now();
    const done = [...this.#tables.values()];
    const onTheWay = [...this.#moving.values()].reduce((sum, bytes) => sum + bytes, 0);
    const finished = done.reduce((sum, table) => sum + table.rows, 0);
    // never ahead of what is known: the last part alone says that all rows are there
    const guessed =
      this.#total.bytes === 0 ? 0 : Math.floor((this.#total.rows * onTheWay) / this.#total.bytes);
    const rows =
      onTheWay === 0 ? finished : Math.min(finished + guessed, Math.max(finished, this.#total.rows - 1));
    const bytes = done.reduce((sum, table) => sum + table.bytes, 0) + onTheWay;
    this.#tell({ target, done: rows, total: Math.max(this.#total.rows, rows), unit: 'rows', bytes });
  }
}
