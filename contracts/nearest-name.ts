import { distance } from 'fastest-levenshtein';

/**
 * The name that was probably meant, or `null` when none is near: one letter in up to five may differ, two in up to
 * eight, three in longer ones. Swapped neighbours count as one letter. `inventry` is near `inventory-tracker`, because
 * the first words of a name are enough.
 */
export function nearestName(name: string, names: readonly string[]): string | null {
  const limit = name.length <= 5 ? 1 : name.length <= 8 ? 2 : 3;
  const near = names
    .map((known) => ({ known, edits: editsTo(name, known) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.known ?? null;
}

function editsTo(name: string, known: string): number {
  const whole = edits(name, known);
  const words = known.split(/(?<=[-:])/);
  const beginnings = words.slice(1).map((_, i) =>
    words
      .slice(0, i + 1)
      .join('')
      .slice(0, -1),
  );
  // A short text is near too many beginnings
  if (name.length < 4) return whole;
  // Half an edit more, so that a whole name wins
  return Math.min(whole, ...beginnings.map((beginning) => edits(name, beginning) + 0.5));
}

function edits(a: string, b: string): number {
  return isSwapped(a, b) ? 1 : distance(a, b);
}

/** Whether two neighbouring letters are swapped and all others equal. */
function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at < a.length && a === `${b.slice(0, at)}${b[at + 1] ?? ''}${b[at] ?? ''}${b.slice(at + 2)}`;
}
