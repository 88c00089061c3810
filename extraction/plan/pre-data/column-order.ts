import type { Column, Oid, Relation } from '../../catalog/catalog.ts';

/** One column that is added by a statement of its own; children of the table get it at that moment too. */
export interface AddedColumn {
  readonly table: Relation;
  readonly column: Column;
}

export interface ColumnOrder {
  /** Tables that are made without columns of their own: `added` brings them, in this order. */
  readonly stepwise: ReadonlySet<Oid>;
  readonly added: readonly AddedColumn[];
  /** Tables whose columns no sequence of statements puts in the order of the source. */
  readonly impossible: readonly Relation[];
}

/**
 * Where CREATE TABLE … INHERITS would put columns in another order than the source has them (a parent was altered, or
 * a child took its parent later), the whole tree is made column by column, in an order that suits each of its tables.
 */
export function orderColumns(tables: readonly Relation[]): ColumnOrder {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const stepwise = new Set<Oid>();
  const added: AddedColumn[] = [];
  const impossible: Relation[] = [];
  for (const tree of treesOf(tables, byOid)) {
    if (tree.every((table) => plainOrder(table, byOid) === namesOf(table))) continue;
    const order = sortColumns(tree, byOid);
    if (order === null)
      impossible.push(...tree.filter((table) => plainOrder(table, byOid) !== namesOf(table)));
    else {
      for (const table of tree) stepwise.add(table.oid);
      added.push(...order);
    }
  }
  return { stepwise, added, impossible };
}

const namesOf = (table: Relation): string => table.columns.map((column) => column.name).join();

/** The order that CREATE TABLE … INHERITS gives: columns of the parents first, then the table's own. */
function plainOrder(table: Relation, byOid: ReadonlyMap<Oid, Relation>): string {
  const inherited = table.parents.flatMap(
    (oid) => byOid.get(oid)?.columns.map((column) => column.name) ?? [],
  );
  const own = table.columns.filter((column) => column.isLocal).map((column) => column.name);
  return [...new Set([...inherited, ...own])].join();
}

/** Tables that hang together by inheritance, parents before children; partitions have an order of their own. */
function treesOf(tables: readonly Relation[], byOid: ReadonlyMap<Oid, Relation>): Relation[][] {
  const trees = new Map<Oid, Relation[]>();
  const inheriting = tables.filter((table) => !table.isPartition && table.kind === 'r');
  for (const table of parentsFirst(inheriting, byOid)) {
    const merged = [...new Set(table.parents.flatMap((oid) => trees.get(oid) ?? []))];
    const tree = [...merged, table];
    for (const member of tree) trees.set(member.oid, tree);
  }
  return [...new Set(trees.values())].filter((tree) => tree.length > 1);
}

function parentsFirst(tables: readonly Relation[], byOid: ReadonlyMap<Oid, Relation>): Relation[] {
  const sorted = new Set<Relation>();
  const visit = (table: Relation): void => {
    for (const oid of table.parents) {
      const parent = byOid.get(oid);
      if (parent !== undefined) visit(parent);
    }
    sorted.add(table);
  };
  for (const table of tables) visit(table);
  return [...sorted].filter((table) => tables.includes(table));
}

/** `null` when the orders of the tables contradict each other. */
function sortColumns(tree: readonly Relation[], byOid: ReadonlyMap<Oid, Relation>): AddedColumn[] | null {
  const added = ownColumns(tree);
  const after = precedences(tree, byOid, added);
  const sorted: AddedColumn[] = [];
  const left = new Map(added);
  while (left.size > 0) {
    const next = [...left].find(([id]) => [...(after.get(id) ?? [])].every((need) => !left.has(need)));
    if (next === undefined) return null;
    sorted.push(next[1]);
    left.delete(next[0]);
  }
  return sorted;
}

const idOf = (table: Relation, column: string): string => `${table.oid} ${column}`;

/** One ADD COLUMN for every column that a table does not only inherit. */
function ownColumns(tree: readonly Relation[]): Map<string, AddedColumn> {
  const own = tree.flatMap((table) =>
    table.columns
      .filter((column) => column.isLocal || column.inheritCount === 0)
      .map((column) => ({ table, column })),
  );
  return new Map(own.map((added) => [idOf(added.table, added.column.name), added]));
}

/** The additions that must come before each addition, so that every table has its columns in order. */
function precedences(
  tree: readonly Relation[],
  byOid: ReadonlyMap<Oid, Relation>,
  added: ReadonlyMap<string, AddedColumn>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const after = new Map([...added.keys()].map((id) => [id, new Set<string>()]));
  const put = (first: string | undefined, second: string | undefined): void => {
    if (first !== undefined && second !== undefined && first !== second) after.get(second)?.add(first);
  };
  for (const table of tree) {
    let last: string | undefined;
    for (const { name } of table.columns) {
      const sources = [idOf(table, name), ...originsOf(table, name, byOid)].filter((id) => added.has(id));
      const [first, ...merged] = sources;
      // an existing column merges with one that a parent adds later; the other way round is an error
      for (const id of merged) put(first, id);
      put(last, first);
      last = first ?? last;
    }
  }
  return after;
}

/** The additions that bring a column to a table from above, nearest parent first. */
function originsOf(table: Relation, name: string, byOid: ReadonlyMap<Oid, Relation>): string[] {
  return table.parents.flatMap((oid) => {
    const parent = byOid.get(oid);
    if (parent?.columns.some((column) => column.name === name) !== true) return [];
    return [idOf(parent, name), ...originsOf(parent, name, byOid)];
  });
}
