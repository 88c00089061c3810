import type { TableCopy } from '../plan/plan.ts';

/** What one worker copies at a time. */
export interface Part {
  readonly id: string;
  readonly locks: readonly string[];
  readonly table: TableCopy;
  /** A range of pages; `null` for the whole table. */
  readonly pages: { readonly from: number; readonly to: number | null } | null;
}

/** 64 MiB of pages of 8 KiB. */
const PAGES_PER_PART = 8192;
const MOST_PARTS = 64;

/** Of a worker's share of all bytes: a longer table would keep one worker busy after the others have ended. */
const LONGEST = 1.5;
/** 4 GiB: a run that continues a killed one repeats the parts that were incomplete. */
const LARGEST = 2 ** 32;

/**
 * The parts of all tables, largest first, so that no worker ends with a large one alone. A table that is one part is
 * written frozen, which saves a tenth of the processor's time (a second write of each page when its rows are first read).
 * Only a table that is long beside the others is therefore split.
 */
export function partsOf(tables: readonly TableCopy[], jobs: number): Part[] {
  const share = tables.reduce((sum, { bytes }) => sum + bytes, 0) / jobs;
  return tables
    .map((table) => {
      const isLong = jobs > 1 && (table.bytes > LONGEST * share || table.bytes > LARGEST);
      const count = isLong ? Math.min(Math.floor(table.pages / PAGES_PER_PART) + 1, MOST_PARTS) : 1;
      return { parts: split(table, count), bytes: table.bytes / count };
    })
    .sort((a, b) => b.bytes - a.bytes)
    .flatMap(({ parts }) => parts);
}

function split(table: TableCopy, count: number): Part[] {
  if (count === 1) return [{ id: `data ${table.name}`, locks: [], table, pages: null }];
  const size = Math.ceil(table.pages / count);
  return Array.from({ length: count }, (_, n) => ({
    id: `data ${table.name} ${n + 1}/${count}`,
    locks: [],
    table,
    // the last part is open-ended: the table may have grown since it was measured
    pages: { from: n * size, to: n === count - 1 ? null : (n + 1) * size },
  }));
}
