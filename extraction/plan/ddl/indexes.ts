import type { Constraint, Index } from '../../catalog/catalog.ts';

export interface IndexParts {
  readonly index: Index;
  readonly table: string;
  /** The key on top of the index. */
  readonly constraint: Constraint | null;
  /** An index of a partitioned table has no rows; the indexes of the partitions are attached to it. */
  readonly partitioned: boolean;
  readonly tablespace: string | null;
}

/**
 * Creates one index and the key on top of it. A key is created from its index, which keeps the index's options and
 * allows parallel builds on one table.
 */
export function createIndex(parts: IndexParts): string[] {
  const { index, constraint } = parts;
  const word = parts.partitioned ? 'TABLE ONLY' : 'TABLE';
  const fromIndex =
    constraint !== null && constraint.kind !== 'x' && !constraint.period && !parts.partitioned;
  const statements: string[] = [];
  if (constraint === null || fromIndex) statements.push(index.definition);
  if (constraint !== null)
    statements.push(
      fromIndex
        ? `ALTER TABLE ONLY ${parts.table} ADD CONSTRAINT ${constraint.name} ${keyWord(constraint)} USING INDEX ${index.bareName}${deferral(constraint)}`
        : `ALTER ${word} ${parts.table} ADD CONSTRAINT ${constraint.name} ${constraint.definition}`,
    );
  const options = constraint !== null && !fromIndex ? withOptions(index.definition) : null;
  if (options !== null) statements.push(`ALTER INDEX ${index.name} SET (${options})`);
  for (const { position, target } of index.statistics)
    statements.push(`ALTER INDEX ${index.name} ALTER COLUMN ${position} SET STATISTICS ${target}`);
  if (parts.tablespace !== null)
    statements.push(`ALTER INDEX ${index.name} SET TABLESPACE ${parts.tablespace}`);
  return statements;
}

const keyWord = (constraint: Constraint): string => (constraint.kind === 'p' ? 'PRIMARY KEY' : 'UNIQUE');

const deferral = (constraint: Constraint): string =>
  constraint.deferred ? ' DEFERRABLE INITIALLY DEFERRED' : constraint.deferrable ? ' DEFERRABLE' : '';

/** `WITH (fillfactor='70')` of an index definition, which the constraint's definition omits. */
function withOptions(definition: string): string | null {
  return /\) WITH \(([^()]*)\)(?: WHERE .*)?$/s.exec(definition)?.[1] ?? null;
}
