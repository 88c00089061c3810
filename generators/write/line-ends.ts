import { diffArrays } from 'diff';

/** The text with LF at every line end, for comparing and editing. */
export const withLf = (text: string): string => text.replaceAll('\r\n', '\n');

/**
 * The new text of a file with the line ends that the file has: unchanged lines keep theirs, and new lines get those of
 * most lines.
 *
 * @param before as on disk; `null` for a new file
 * @param model a file whose line ends a new file takes; default: LF
 */
export function withLineEndsOf(
  before: string | null,
  after: string,
  { model = '' }: { readonly model?: string | null } = {},
): string {
  const text = withLf(after);
  const most = hasMostlyCrLf(before ?? model ?? '') ? '\r\n' : '\n';
  if (before === null || !hasBoth(before)) return text.replaceAll('\n', most);
  const present = linesOf(before);
  let at = 0;
  return diffArrays(present, linesOf(text), { comparator: (a, b) => withLf(a) === withLf(b) })
    .flatMap(({ added, removed, value }) => {
      if (added) return value.map((line) => line.replace('\n', most));
      const old = present.slice(at, at + value.length);
      at += value.length;
      return removed ? [] : old;
    })
    .join('');
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const countOf = (text: string, part: RegExp): number => text.match(part)?.length ?? 0;

const hasMostlyCrLf = (text: string): boolean => countOf(text, /\r\n/g) * 2 > countOf(text, /\n/g);

const hasBoth = (text: string): boolean => text.includes('\r\n') && /(^|[^\r])\n/.test(text);
