import { createObject, type Assembly } from '../assembly.ts';
import { relationKey } from '../closure/graph.ts';
import type { Statement } from '../plan.ts';
import { attachSequences } from './owned-sequences.ts';
import { createExtensions, createSchemas } from './schemas.ts';
import {
  addColumns,
  attachPartitions,
  createTableStatements,
  setColumnOptions,
  setDefaults,
} from './tables.ts';

/** Everything that must exist before the rows, in order. */
export function preData(assembly: Assembly): Statement[] {
  const { selection, objects, order, early } = assembly;
  const tables = new Map(selection.tables.map((table) => [relationKey(table.oid), table]));
  return [
    ...createSchemas(assembly),
    ...createExtensions(assembly),
    ...order.flatMap((key) => {
      const table = tables.get(key);
      if (table !== undefined) return createTableStatements(assembly, table);
      const item = objects.get(key);
      return item !== undefined && early.has(key) ? createObject(assembly, item) : [];
    }),
    ...attachPartitions(assembly),
    ...addColumns(assembly),
    ...setColumnOptions(assembly),
    ...attachSequences(assembly),
    ...setDefaults(assembly),
  ];
}
