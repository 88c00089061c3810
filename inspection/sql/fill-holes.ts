import type { TextPart } from '../source/evaluate.ts';

/** Part of every name that stands for a hole. */
export const HOLE_NAME = '__hole_';

/** Likely content of a hole, by the text before it; the first match is tried first. */
const BY_CONTEXT: readonly (readonly [RegExp, string])[] = [
  [/\$$/, '1'],
  [/\bSET\s+$/i, 'x = 1'],
  [/\bVALUES\s+$/i, '(1)'],
  [/["'\w.]$/, HOLE_NAME],
  [/\b(FROM|JOIN|INTO|UPDATE|TABLE|ONLY|AS|SELECT|DISTINCT|RETURNING|SET)\s*$/i, HOLE_NAME],
  [/\b(WHERE|HAVING|ON|AND|OR|NOT|IN|BY|LIMIT|OFFSET)\s*$/i, HOLE_NAME],
  [/[,(=<>+\-*/|]\s*$/, HOLE_NAME],
];

const FILLINGS = [HOLE_NAME, '', '1', '(1)', 'x = 1', '=', ', x'];
const MOST_TRIES = 1500;

/** Candidate texts of the statement with its holes filled, most likely first. */
export function* fillHoles(parts: readonly TextPart[]): Generator<string> {
  const holes = parts.filter((part) => typeof part !== 'string').length;
  let before = '';
  for (const part of parts)
    before +=
      typeof part === 'string' ? part : (BY_CONTEXT.find(([context]) => context.test(before))?.[1] ?? '');
  yield before;
  if (holes === 0) return;
  for (const filling of FILLINGS) yield fill(parts, () => filling);
  const combinations = FILLINGS.length ** holes;
  for (let n = 0; n < Math.min(combinations, MOST_TRIES); n += 1) {
    let rest = n;
    yield fill(parts, () => {
      const filling = FILLINGS[rest % FILLINGS.length] ?? '';
      rest = Math.floor(rest / FILLINGS.length);
      return filling;
    });
  }
}

const fill = (parts: readonly TextPart[], next: () => string): string =>
  parts.map((part) => (typeof part === 'string' ? part : next())).join('');
