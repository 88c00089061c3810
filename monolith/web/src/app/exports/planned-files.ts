import type { Change, Json } from '#contracts/plan';

/** A text that a change writes. */
export interface PlannedFile {
  readonly path: string;
  /** `null`: the file is new. */
  readonly before: string | null;
  readonly after: string;
}

/** The texts in a change: one file's, or those of a whole folder. */
export function filesOf(change: Change): readonly PlannedFile[] {
  const after = asRecord(change.after);
  const before = asRecord(change.before);
  if (typeof after['text'] === 'string')
    return [{ path: change.target, before: textOf(before['text']), after: after['text'] }];
  return Object.entries(asRecord(after['files']))
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([path, text]) => ({ path: `${change.target}/${path}`, before: null, after: text }));
}

export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** Beyond this a file is shown as new, without a comparison. */
const MOST_LINES = 2000;

/** The lines of a file against those before, as a reader of diffs expects them. */
export function diffLines({ before, after }: PlannedFile): readonly DiffLine[] {
  const now = after.replace(/\n$/, '').split('\n');
  if (before === null) return now.map((text) => ({ sign: '+', text }));
  const old = before.replace(/\n$/, '').split('\n');
  if (old.length > MOST_LINES || now.length > MOST_LINES) return now.map((text) => ({ sign: '+', text }));
  return walk(old, now, commonLengths(old, now));
}

/** Length of the longest common subsequence of every pair of tails. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint16Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [row, below] = [rows[i], rows[i + 1]];
      if (row === undefined || below === undefined) continue;
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

function walk(
  a: readonly string[],
  b: readonly string[],
  common: readonly Uint16Array[],
): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [old, now] = [a[i], b[j]];
    if (old !== undefined && old === now) {
      lines.push({ sign: ' ', text: old });
      [i, j] = [i + 1, j + 1];
    } else if (
      old !== undefined &&
      (now === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      lines.push({ sign: '-', text: old });
      i += 1;
    } else {
      lines.push({ sign: '+', text: now ?? '' });
      j += 1;
    }
  }
  return lines;
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

function asRecord(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, Json>)
    : {};
}
