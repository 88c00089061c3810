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
export function columnText(column: Column, table: TableDefinition): string {
  return [
    `${column.name} ${column.type}`,
    column.collation === null ? '' : ` COLLATE ${column.collation}`,
    generationOf(column, table),
    notNullOf(column, table),
  ].join('');
}

function generationOf(column: Column, { relation, targetVersion, stepwise }: TableDefinition): string {
  // before PostgreSQL 16, naming the expression of an inherited generated column is an error
  const isInherited =
    column.inheritCount > 0 && !relation.isPartition && targetVersion < 160_000 && stepwise !== true;
  if (column.generated === '' || isInherited) return '';
  return ` GENERATED ALWAYS AS (${column.expression ?? ''}) ${column.generated === 's' ? 'STORED' : 'VIRTUAL'}`;
}

function notNullOf(column: Column, { relation, notNulls, unvalidated }: TableDefinition): string {
  const named = notNulls.get(column.number);
  if (named === undefined)
    return column.notNull && unvalidated?.has(column.number) !== true ? ' NOT NULL' : '';
  if (!named.isLocal && !relation.isPartition) return '';
  return ` CONSTRAINT ${named.name} NOT NULL${named.noInherit ? ' NO INHERIT' : ''}`;
}

/** `fillfactor=70` as SQL; values that are not plain words are quoted. */
export function optionText(option: string): string {
  const at = option.indexOf('=');
  const value = option.slice(at + 1);
  return `${option.slice(0, at)}=${/^[A-Za-z0-9_.]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`}`;
}

const STORAGE = { p: 'PLAIN', e: 'EXTERNAL', x: 'EXTENDED', m: 'MAIN' } as const;

const COMPRESSION = { p: 'pglz', l: 'lz4' } as const;

/** Column settings that CREATE TABLE cannot express. `ONLY` leaves children unchanged. */
export function alterColumns(table: TableDefinition): string[] {
  const { relation } = table;
  const word = relation.kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE ONLY';
  return relation.columns.flatMap((column) =>
    columnSettings(column, table).map(
      (setting) => `ALTER ${word} ${relation.name} ALTER COLUMN ${column.name} ${setting}`,
    ),
  );
}

function columnSettings(column: Column, table: TableDefinition): string[] {
  const { storage, compression, statistics, options } = column;
  return [
    ...(lacksNotNull(column, table) ? ['SET NOT NULL'] : []),
    ...(storage === null ? [] : [`SET STORAGE ${STORAGE[storage]}`]),
    ...(compression === null ? [] : [`SET COMPRESSION ${COMPRESSION[compression]}`]),
    ...(statistics === null ? [] : [`SET STATISTICS ${statistics}`]),
    ...(options.length === 0 ? [] : [`SET (${options.map(optionText).join(', ')})`]),
  ];
}

/** A NOT NULL that CREATE TABLE could not hold, because the column is inherited or comes from a type. */
function lacksNotNull(column: Column, { relation, notNulls, unvalidated }: TableDefinition): boolean {
  const isCreated = relation.ofType === null && (relation.isPartition || column.isLocal);
  return (
    !isCreated &&
    column.notNull &&
    relation.kind !== 'm' &&
    !notNulls.has(column.number) &&
    unvalidated?.has(column.number) !== true
  );
}

/** Defaults, set on each table alone; an inherited default that the child does not have is taken away. */
export function setDefault(relation: Relation, column: Column): string {
  const word = relation.kind === 'v' ? 'VIEW' : relation.kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE ONLY';
  return `ALTER ${word} ${relation.name} ALTER COLUMN ${column.name} SET DEFAULT ${column.expression ?? 'NULL'}`;
}

export function attachPartition(parent: string, relation: Relation): string {
  return `ALTER TABLE ONLY ${parent} ATTACH PARTITION ${relation.name} ${relation.partitionBound ?? 'DEFAULT'}`;
}

/** Settings of a table that need its rows and indexes. */
export function finishTable(
  relation: Relation,
  replicaIndex: string | null,
  clusterIndex: string | null,
): string[] {
  const { name, kind, rowSecurity, forceRowSecurity } = relation;
  const word = kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE';
  const replicaIdentity = replicaIdentityOf(relation, replicaIndex);
  return [
    ...(replicaIdentity === null ? [] : [`ALTER TABLE ONLY ${name} REPLICA IDENTITY ${replicaIdentity}`]),
    ...(clusterIndex === null ? [] : [`ALTER ${word} ${name} CLUSTER ON ${clusterIndex}`]),
    ...(rowSecurity ? [`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`] : []),
    ...(forceRowSecurity ? [`ALTER TABLE ONLY ${name} FORCE ROW LEVEL SECURITY`] : []),
  ];
}

/** `null` for the default. */
function replicaIdentityOf({ replicaIdentity }: Relation, index: string | null): string | null {
  if (replicaIdentity === 'f') return 'FULL';
  if (replicaIdentity === 'n') return 'NOTHING';
  return replicaIdentity === 'i' && index !== null ? `USING INDEX ${index}` : null;
}
