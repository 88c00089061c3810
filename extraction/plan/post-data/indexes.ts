import type { Index, Relation } from '../../catalog/catalog.ts';
import { nameOf, type Assembly } from '../assembly.ts';
import { knownTablespace } from '../create-statements.ts';
import { createIndex } from '../ddl/indexes.ts';
import type { Statement } from '../plan.ts';
import { statement, statements } from '../statement.ts';

/** Indexes of stored tables, with the keys on top of them. */
export const createIndexes = (assembly: Assembly): Statement[] =>
  indexesOf(assembly, 'r').flatMap(([index, table]) => createTableIndex(assembly, index, table));

/** Indexes of partitioned tables hold no rows: they come after those of the partitions, which are attached to them. */
export function createPartitionedIndexes(assembly: Assembly): Statement[] {
  const created = indexesOf(assembly, 'p').flatMap(([index, table]) =>
    createTableIndex(assembly, index, table),
  );
  const byOid = new Map(assembly.kept.indexes.map((index) => [index.oid, index]));
  const attached = indexesOf(assembly, 'r', 'p').flatMap(([index, table]) => {
    const parent = byOid.get(index.parent ?? '');
    if (parent === undefined) return [];
    const locks = [table.name, nameOf(assembly, parent.table)];
    const sql = `ALTER INDEX ${parent.name} ATTACH PARTITION ${index.name}`;
    return [statement(`ATTACH ${index.name}`, sql, { locks })];
  });
  return [...created, ...attached];
}

function indexesOf({ graph, kept }: Assembly, ...kinds: readonly Relation['kind'][]): [Index, Relation][] {
  return kept.indexes.flatMap((index): [Index, Relation][] => {
    const table = graph.relations.get(index.table);
    return table !== undefined && kinds.includes(table.kind) ? [[index, table]] : [];
  });
}

function createTableIndex(assembly: Assembly, index: Index, table: Relation): Statement[] {
  const sqls = createIndex({
    index,
    table: table.name,
    constraint: assembly.kept.constraints.find((constraint) => constraint.oid === index.constraint) ?? null,
    partitioned: table.kind === 'p',
    tablespace: knownTablespace(assembly, index.tablespace),
  });
  return sqls.map((sql) => statement(`INDEX ${index.name}`, sql, { locks: [table.name] }));
}

/** Indexes of materialized views. */
export const createViewIndexes = ({ kept }: Assembly, view: Relation): Statement[] =>
  kept.indexes
    .filter((index) => index.table === view.oid)
    .flatMap((index) => {
      const parts = { index, table: view.name, constraint: null, partitioned: false, tablespace: null };
      return statements(`INDEX ${index.name}`, createIndex(parts));
    });
