/** Rows that cover every pair of values of any two factors. Greedy and deterministic. */
export function pairwise<F extends Readonly<Record<string, readonly unknown[]>>>(
  factors: F,
): { readonly [K in keyof F]: F[K][number] }[] {
  const names = Object.keys(factors);
  const sizes = names.map((name) => factors[name]?.length ?? 0);
  const missing = allPairs(sizes);
  const rows: number[][] = [];
  for (let [first] = missing; first !== undefined; [first] = missing) {
    const row = rowWith(first, sizes, missing);
    for (const pair of pairsOf(row)) missing.delete(pair);
    rows.push(row);
  }
  return rows.map(
    (row) =>
      Object.fromEntries(names.map((name, column) => [name, factors[name]?.[row[column] ?? 0]])) as {
        readonly [K in keyof F]: F[K][number];
      },
  );
}

/** Value `i` of factor `a` together with value `j` of factor `b`. */
const pairOf = (a: number, i: number, b: number, j: number): string => `${a}:${i}|${b}:${j}`;

function allPairs(sizes: readonly number[]): Set<string> {
  const pairs = new Set<string>();
  sizes.forEach((size, b) => {
    for (let a = 0; a < b; a++)
      for (let i = 0; i < (sizes[a] ?? 0); i++) for (let j = 0; j < size; j++) pairs.add(pairOf(a, i, b, j));
  });
  return pairs;
}

const pairsOf = (row: readonly number[]): readonly string[] =>
  row.flatMap((j, b) => row.slice(0, b).map((i, a) => pairOf(a, i, b, j)));

/** A row with the pair `first`, and otherwise the values that cover most of the `missing` pairs. */
function rowWith(first: string, sizes: readonly number[], missing: ReadonlySet<string>): number[] {
  const [a = 0, i = 0, b = 0, j = 0] = first.split(/[:|]/).map(Number);
  const chosen = new Map([
    [a, i],
    [b, j],
  ]);
  const gain = (column: number, value: number): number =>
    [...chosen].filter(([k, other]) =>
      missing.has(k < column ? pairOf(k, other, column, value) : pairOf(column, value, k, other)),
    ).length;
  return sizes.map((size, column) => {
    const values = Array.from({ length: size }, (_, value) => value);
    const best = values.reduce((x, value) => (gain(column, value) > gain(column, x) ? value : x), 0);
    const value = chosen.get(column) ?? best;
    chosen.set(column, value);
    return value;
  });
}
