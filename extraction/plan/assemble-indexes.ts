import type { Constraint, Index, Relation } from '../catalog/catalog.ts';
import { createIndex } from './ddl/indexes.ts';
import type { Parts } from './parts.ts';
import type { ExtractionPlan, Statement } from './plan.ts';
import { statement } from './assemble.ts';
import { knownTablespace } from './things.ts';

/** Indexes, keys and constraints, once the rows are there. */
export function assembleIndexes(
  parts: Parts,
  deferredChecks: readonly Constraint[],
): Pick<ExtractionPlan, 'indexes' | 'constraints'> {
  const { graph, kept } = parts;
  const constraints = new Map(kept.constraints.map((constraint) => [constraint.oid, constraint]));
  const indexesOf = new Map(kept.indexes.map((index) => [index.oid, index]));
  const tableOf = (oid: string | null): Relation | undefined =>
    oid === null ? undefined : graph.relations.get(oid);

  const made = (index: Index): Statement[] => {
    const table = tableOf(index.table);
    if (table === undefined) return [];
    return createIndex({
      index,
      table: table.name,
      constraint: index.constraint === null ? null : (constraints.get(index.constraint) ?? null),
      partitioned: table.kind === 'p',
      tablespace: knownTablespace(parts, index.tablespace),
    }).map((sql) => statement(`INDEX ${index.name}`, sql, { locks: [table.name] }));
  };
  const onTables = kept.indexes.filter((index) => ['r', 'p'].includes(tableOf(index.table)?.kind ?? ''));
  const partitioned = onTables.filter((index) => tableOf(index.table)?.kind === 'p');
  const indexes = [...onTables.filter((index) => !partitioned.includes(index)).flatMap(made)];

  const later: Statement[] = partitioned.flatMap(made);
  for (const index of onTables) {
    const parent = index.parent === null ? undefined : indexesOf.get(index.parent);
    const table = tableOf(index.table);
    if (parent !== undefined && table !== undefined)
      later.push(statement(`ATTACH ${index.name}`, `ALTER INDEX ${parent.name} ATTACH PARTITION ${index.name}`, { locks: [table.name, tableOf(parent.table)?.name ?? ''] }));
  } // prettier-ignore
  const add = (constraint: Constraint, word: string): void => {
    const table = tableOf(constraint.table);
    if (table === undefined) return;
    const referenced = tableOf(constraint.refersTo);
    later.push(
      statement(`CONSTRAINT ${constraint.name} ON ${table.name}`, `ALTER TABLE ${word}${table.name} ADD CONSTRAINT ${constraint.name} ${constraint.definition}`, { locks: [table.name, ...(referenced === undefined ? [] : [referenced.name])] }),
    );
  }; // prettier-ignore
  for (const constraint of kept.constraints)
    if (constraint.kind === 'x' && constraint.index === null) add(constraint, 'ONLY ');
  for (const check of deferredChecks)
    add(check, check.noInherit || tableOf(check.table)?.isPartition === true ? 'ONLY ' : '');
  for (const constraint of kept.constraints)
    if (
      constraint.kind === 'n' &&
      !constraint.validated &&
      parts.target.version >= 180_000 &&
      constraint.isLocal
    )
      add(constraint, '');
  for (const constraint of kept.constraints)
    if (constraint.kind === 'f' && constraint.parent === null)
      add(constraint, tableOf(constraint.table)?.kind === 'p' ? '' : 'ONLY ');
  return { indexes, constraints: later };
}
