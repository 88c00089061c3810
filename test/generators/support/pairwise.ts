/** Rows that cover every pair of values of any two factors. Greedy and deterministic. */
export function pairwise<F extends Readonly<Record<string, readonly unknown[]>>>(
  factors: F,
): { readonly [K in keyof F]: F[K][number] }[] {
  const names = Object.keys(factors);
  const missing = new Set<string>();
  const pair = (a: number, i: number, b: number, j: number): string => `${a}:${i}|${b}:${j}`;
  const sizes = names.map((name) => factors[name]?.length ?? 0);
  for (let a = 0; a < names.length; a++)
    for (let b = a + 1; b < names.length; b++)
      for (let i = 0; i < (sizes[a] ?? 0); i++)
        for (let j = 0; j < (sizes[b] ?? 0); j++) missing.add(pair(a, i, b, j));
  const rows: number[][] = [];
  while (missing.size > 0) {
    const [first] = missing;
    const [a = 0, i = 0, b = 0, j = 0] = (first ?? '').split(/[:|]/).map(Number);
    const row = names.map(() => -1);
    row[a] = i;
    row[b] = j;
    const gain = (column: number, value: number): number =>
      row.reduce((sum, other, k) => {
        if (other < 0 || k === column) return sum;
        const key = k < column ? pair(k, other, column, value) : pair(column, value, k, other);
        return sum + (missing.has(key) ? 1 : 0);
      }, 0);
    names.forEach((_, column) => {
      if ((row[column] ?? 0) >= 0) return;
      const values = Array.from({ length: sizes[column] ?? 0 }, (_v, value) => value);
      row[column] = values.reduce(
        (best, value) => (gain(column, value) > gain(column, best) ? value : best),
        0,
      );
    });
    for (let c = 0; c < row.length; c++)
      for (let d = c + 1; d < row.length; d++) missing.delete(pair(c, row[c] ?? 0, d, row[d] ?? 0));
    rows.push(row);
  }
  return rows.map(
    (row) =>
      Object.fromEntries(names.map((name, column) => [name, factors[name]?.[row[column] ?? 0]])) as {
        readonly [K in keyof F]: F[K][number];
      },
  );
}
