import type { ExtractionPlan, TableCopy } from '../plan/plan.ts';
import { addChecksums, checksumTable, type Checksum } from './checksum.ts';
import type { Session } from './session.ts';

/** Tables that are compared together: partitions that are loaded through one root may hold each other's rows. */
export interface TableGroup {
  /** The root that the rows are loaded into; for a single table, the table itself. */
  readonly into: string;
  readonly tables: readonly TableCopy[];
  /** One order of columns for all tables: partitions may have their own. */
  readonly compared: readonly string[];
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

export function groupTables({ tables }: Pick<ExtractionPlan, 'tables'>): TableGroup[] {
  return [...Map.groupBy(tables, (table) => table.into)].map(([into, members]) => ({
    into,
    tables: members,
    compared: members[0]?.compared ?? [],
    columns: members[0]?.columns ?? [],
    key: members[0]?.key ?? [],
  }));
}

export async function checksumTables(
  session: Session,
  { tables, compared }: TableGroup,
): Promise<Map<string, Checksum>> {
  const checksums = new Map<string, Checksum>();
  for (const table of tables) checksums.set(table.name, await checksumTable(session, { ...table, compared }));
  return checksums;
}

export const checksumGroup = async (session: Session, group: TableGroup): Promise<Checksum> =>
  addChecksums([...(await checksumTables(session, group)).values()]);

export const isEqual = (a: Checksum, b: Checksum): boolean => a.rows === b.rows && a.digest === b.digest;
