import { SHARED, type Coupling } from './types.ts';

/** What it costs to cut one coupling, relative to one import. */
const WEIGHTS: Readonly<Record<Coupling['kind'], number>> = {
  import: 1,
  session: 1,
  table: 2,
  view: 2,
  state: 3,
  'foreign-key': 3,
  trigger: 5,
};
/** A write to another module's table needs an endpoint, and often a transaction across services. */
const WRITE_FACTOR = 2;

/** The cost of a coupling. Twice as many places cost one weight more, because they are cut in the same way. */
export function costOf({ kind, access, lines }: Coupling): number {
  const weight = WEIGHTS[kind] * (kind === 'table' && access === 'write' ? WRITE_FACTOR : 1);
  return weight * (1 + Math.log2(Math.max(1, lines.length)));
}

/** The cost of all couplings of a module, in both directions, in tenths. */
export const costOfModule = (module: string, couplings: readonly Coupling[]): number =>
  Math.round(
    10 *
      couplings
        .filter(({ from, to }) => from === module || to === module)
        .reduce((sum, coupling) => sum + costOf(coupling), 0),
  ) / 10;

export interface Leaving {
  readonly module: string;
  /** The cost of what is then left to cut. */
  readonly cost: number;
}

/**
 * An order in which the modules can leave: each time the one that then costs the least. Couplings of modules that have
 * left are cut already. Of equals, the smaller module comes first.
 *
 * @param sizes the modules and their lines of code
 */
export function orderOfLeaving(
  sizes: ReadonlyMap<string, number>,
  couplings: readonly Coupling[],
): readonly Leaving[] {
  const order: Leaving[] = [];
  const left = new Map(sizes);
  while (left.size > 0) {
    const open = couplings.filter(({ from, to }) =>
      [from, to].every((module) => module === SHARED || left.has(module)),
    );
    const [next] = [...left]
      .map(([module, lines]) => ({ module, lines, cost: costOfModule(module, open) }))
      .sort((a, b) => a.cost - b.cost || a.lines - b.lines || (a.module < b.module ? -1 : 1));
    if (next === undefined) break;
    order.push({ module: next.module, cost: next.cost });
    left.delete(next.module);
  }
  return order;
}
