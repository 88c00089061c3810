import { SHARED, type Access, type Module, type Place, type Schema } from './types.ts';

/** Why a module owns a table. */
export type OwnerRule = 'definition' | 'name' | 'writes' | 'reads' | 'none';

export interface Owner {
  readonly module: string;
  readonly rule: OwnerRule;
}

/** A use of something that has one owner, by a module. */
export interface Use {
  readonly name: string;
  readonly module: string;
  readonly access: Access;
  /** Inserts rows. */
  readonly creates: boolean;
  /** By its own code; otherwise through shared code. */
  readonly isDirect: boolean;
}

export interface TableOwnerRequest {
  readonly modules: readonly Module[];
  readonly schema: Schema;
  readonly uses: readonly Use[];
  readonly moduleOf: (file: string) => string;
}

/**
 * The owner of each table and view, by the first rule that decides: the module whose folder defines it; the module
 * whose name its name begins with; the module whose own code inserts rows in most places, writes in most places; that reads it in most places.
 * What only shared code writes belongs to the one module that calls this code, or to the shared code.
 */
export function ownersOfTables(request: TableOwnerRequest): ReadonlyMap<string, Owner> {
  const { modules, schema, uses, moduleOf } = request;
  const byTable = Map.groupBy(uses, ({ name }) => name);
  const tables = new Set([
    ...schema.relations.keys(),
    ...byTable.keys(),
    ...schema.links.flatMap(({ from, to }) => [from, to]),
  ]);
  const owners = new Map<string, Owner>();
  const isView = (table: string): boolean => schema.relations.get(table)?.kind === 'view';
  // tables first: they decide between two modules that use a view alike
  for (const table of [...tables].sort((a, b) => Number(isView(a)) - Number(isView(b)) || (a < b ? -1 : 1))) {
    const defined = definedIn(schema.relations.get(table)?.place ?? null, moduleOf);
    const named = defined ?? namedAfter(table, modules);
    const below = schema.links
      .filter(({ kind, from }) => kind === 'view' && from === table)
      .map(({ to }) => owners.get(to)?.module ?? SHARED);
    owners.set(
      table,
      named === null
        ? ownerByUse(byTable.get(table) ?? [], below)
        : { module: named, rule: defined === null ? 'name' : 'definition' },
    );
  }
  return new Map([...owners].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function definedIn(place: Place | null, moduleOf: (file: string) => string): string | null {
  const module = place === null ? SHARED : moduleOf(place.file);
  return module === SHARED ? null : module;
}

/** `order_items` -> `orders`. Of several modules, the one with the longest name. */
function namedAfter(table: string, modules: readonly Module[]): string | null {
  const words = wordsOf(table.slice(table.indexOf('.') + 1));
  const fitting = modules
    .map(({ name, folder }) => ({ name, words: wordsOf(folder.slice(folder.lastIndexOf('/') + 1)) }))
    .filter((module) => module.words.every((word, i) => words[i] === word))
    .sort((a, b) => b.words.length - a.words.length);
  return fitting[0]?.name ?? null;
}

/** `OrderItems`, `order-items`, `order_item` -> `order`, `item` */
const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .map(singular);

const singular = (word: string): string =>
  word
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh)es$/, '$1')
    .replace(/(?<!s)s$/, '');

/** @param below owners of the tables that a view reads; they decide between equals */
function ownerByUse(uses: readonly Use[], below: readonly string[]): Owner {
  const writes = uses.filter(({ access }) => access === 'write');
  const direct = mostIn(
    writes.filter(({ isDirect }) => isDirect),
    uses,
    below,
  );
  if (direct !== null) return { module: direct, rule: 'writes' };
  const callers = new Set(writes.map(({ module }) => module));
  const [caller = SHARED] = callers;
  if (callers.size > 0) return { module: callers.size === 1 ? caller : SHARED, rule: 'writes' };
  const reader = mostIn(uses, uses, below);
  return reader === null ? { module: SHARED, rule: 'none' } : { module: reader, rule: 'reads' };
}

/** The module that inserts in most of these uses; of equals, that has most of them, most uses at all, the first name. */
function mostIn(some: readonly Use[], all: readonly Use[], below: readonly string[]): string | null {
  const countOf = (list: readonly Use[], module: string): number =>
    list.filter((use) => use.module === module).length;
  const rankOf = (module: string): readonly number[] => [
    countOf(
      some.filter(({ creates }) => creates),
      module,
    ),
    countOf(some, module),
    below.filter((owner) => owner === module).length,
    countOf(all, module),
  ];
  const candidates = [...new Set(some.map(({ module }) => module))].filter((module) => module !== SHARED);
  const [most] = candidates
    .map((module) => ({ module, rank: rankOf(module) }))
    .sort((a, b) => compareRanks(b.rank, a.rank) || (a.module < b.module ? -1 : 1));
  return most?.module ?? null;
}

const compareRanks = (a: readonly number[], b: readonly number[]): number =>
  a.map((n, i) => n - (b[i] ?? 0)).find((difference) => difference !== 0) ?? 0;

/**
 * The owner of a session key or of global state: the module that writes it in most places; of equals, the one that
 * writes most of the session. What only shared code writes belongs to the shared code.
 *
 * @param all the uses of all keys
 */
export function ownerOfState(uses: readonly Use[], all: readonly Use[]): string {
  const isWrite = ({ access }: Use): boolean => access === 'write';
  return mostIn(uses.filter(isWrite), all.filter(isWrite), []) ?? SHARED;
}
