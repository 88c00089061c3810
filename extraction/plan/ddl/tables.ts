import type { Column, Constraint, Relation } from '../../catalog/catalog.ts';

export interface TableDefinition {
  readonly relation: Relation;
  /** Names of the tables that it inherits from (a partition is attached later). */
  readonly inherits: readonly string[];
  /** Checks that can stand inside CREATE TABLE. */
  readonly checks: readonly Constraint[];
  /** Not-null constraints by column number, where both servers name them (from PostgreSQL 18 on). */
  readonly notNulls: ReadonlyMap<number, Constraint>;
  /** Columns whose not-null constraint was never validated: it is added as such, after the rows. */
  readonly unvalidated?: ReadonlySet<number>;
  readonly targetVersion: number;
  /** The column is added before its parents bring theirs. */
  readonly stepwise?: boolean;
}

/** CREATE TABLE without defaults, identities and keys: those follow, so that no order of objects can be impossible. */
export function createTable(parts: TableDefinition): string {
  const { relation } = parts;
  const isPartition = relation.isPartition;
  const columns = relation.columns.filter((column) => isPartition || column.isLocal);
  const items = [
    ...(relation.ofType === null ? columns.map((column) => columnText(column, parts)) : []),
    ...parts.checks.map((check) => `CONSTRAINT ${check.name} ${check.definition}`),
  ];
  const body = items.length === 0 ? '' : `\n  ${items.join(',\n  ')}\n`;
  const list =
    relation.ofType === null ? ` (${body})` : ` OF ${relation.ofType}${body === '' ? '' : ` (${body})`}`;
  const options = [...relation.options, ...relation.toastOptions.map((option) => `toast.${option}`)];
  return [
    `CREATE ${isUnlogged(parts) ? 'UNLOGGED ' : ''}TABLE ${relation.name}${list}`,
    parts.inherits.length === 0 ? '' : ` INHERITS (${parts.inherits.join(', ')})`,
    relation.partitionKey === null ? '' : ` PARTITION BY ${relation.partitionKey}`,
    relation.accessMethod === null ? '' : ` USING ${relation.accessMethod}`,
    options.length === 0 ? '' : ` WITH (${options.map(optionText).join(', ')})`,
    relation.tablespace === null ? '' : ` TABLESPACE ${relation.tablespace}`,
  ].join('');
}

/** Of a partitioned table the word never meant anything; PostgreSQL 18 refuses it. */
const isUnlogged = ({ relation, targetVersion }: TableDefinition): boolean =>
  relation.persistence === 'u' && !(relation.kind === 'p' && targetVersion >= 180_000);

/** A column as CREATE TABLE and ADD COLUMN take it; its default follows later. */
export function columnText(column: Column, parts: TableDefinition): string {
  const notNull = parts.notNulls.get(column.number);
  // An inherited generated column takes its expression from the parent; naming it again is an error before 16.
  const inherited =
    column.inheritCount > 0 &&
    !parts.relation.isPartition &&
    parts.targetVersion < 160_000 &&
    parts.stepwise !== true;
  return [
    `${column.name} ${column.type}`,
    column.collation === null ? '' : ` COLLATE ${column.collation}`,
    column.generated === '' || inherited
      ? ''
      : ` GENERATED ALWAYS AS (${column.expression ?? ''}) ${column.generated === 's' ? 'STORED' : 'VIRTUAL'}`,
    notNull !== undefined && (notNull.isLocal || parts.relation.isPartition)
      ? ` CONSTRAINT ${notNull.name} NOT NULL${notNull.noInherit ? ' NO INHERIT' : ''}`
      : column.notNull && notNull === undefined && parts.unvalidated?.has(column.number) !== true
        ? ' NOT NULL'
        : '',
  ].join('');
}

/** `fillfactor=70` as SQL; values that are not plain words are quoted. */
export function optionText(option: string): string {
  const at = option.indexOf('=');
  const value = option.slice(at + 1);
  return `${option.slice(0, at)}=${/^[A-Za-z0-9_.]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`}`;
}

const STORAGE = { p: 'PLAIN', e: 'EXTERNAL', x: 'EXTENDED', m: 'MAIN' } as const;

/** What CREATE TABLE cannot say of columns. `only` keeps children out of it. */
export function alterColumns(parts: TableDefinition): string[] {
  const { relation } = parts;
  const word = relation.kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE ONLY';
  return relation.columns.flatMap((column) => {
    const alter = `ALTER ${word} ${relation.name} ALTER COLUMN ${column.name}`;
    const created = relation.ofType === null && (relation.isPartition || column.isLocal);
    return [
      ...(!created && column.notNull && relation.kind !== 'm' && !parts.notNulls.has(column.number) && parts.unvalidated?.has(column.number) !== true ? [`${alter} SET NOT NULL`] : []),
      ...(column.storage === null ? [] : [`${alter} SET STORAGE ${STORAGE[column.storage]}`]),
      ...(column.compression === null ? [] : [`${alter} SET COMPRESSION ${column.compression === 'p' ? 'pglz' : 'lz4'}`]),
      ...(column.statistics === null ? [] : [`${alter} SET STATISTICS ${column.statistics}`]),
      ...(column.options.length === 0 ? [] : [`${alter} SET (${column.options.map(optionText).join(', ')})`]),
    ]; // prettier-ignore
  });
}

/** Defaults, set on each table alone; an inherited default that the child does not have is taken away. */
export function setDefault(relation: Relation, column: Column): string {
  const word = relation.kind === 'v' ? 'VIEW' : relation.kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE ONLY';
  return `ALTER ${word} ${relation.name} ALTER COLUMN ${column.name} SET DEFAULT ${column.expression ?? 'NULL'}`;
}

export function attachPartition(parent: string, relation: Relation): string {
  return `ALTER TABLE ONLY ${parent} ATTACH PARTITION ${relation.name} ${relation.partitionBound ?? 'DEFAULT'}`;
}

/** What is said of a table at its very end, when its rows and indexes are there. */
export function finishTable(
  relation: Relation,
  replicaIndex: string | null,
  clusterIndex: string | null,
): string[] {
  const alter = `ALTER TABLE ONLY ${relation.name}`;
  const plainAlter = `ALTER TABLE ${relation.name}`;
  return [
    ...(relation.replicaIdentity === 'f' ? [`${alter} REPLICA IDENTITY FULL`] : []),
    ...(relation.replicaIdentity === 'n' ? [`${alter} REPLICA IDENTITY NOTHING`] : []),
    ...(relation.replicaIdentity === 'i' && replicaIndex !== null ? [`${alter} REPLICA IDENTITY USING INDEX ${replicaIndex}`] : []),
    ...(clusterIndex === null ? [] : [`ALTER ${relation.kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE'} ${relation.name} CLUSTER ON ${clusterIndex}`]),
    ...(relation.rowSecurity ? [`${plainAlter} ENABLE ROW LEVEL SECURITY`] : []),
    ...(relation.forceRowSecurity ? [`${alter} FORCE ROW LEVEL SECURITY`] : []),
  ]; // prettier-ignore
}
