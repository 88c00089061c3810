import type { ExtractionPlan, TableCopy } from '../plan/plan.ts';
import type { Fingerprint } from '../api.ts';
import { addChecksums, checksumTable, type Checksum } from '../run/checksum.ts';
import type { Session } from '../run/session.ts';

/** Tables that are compared together: partitions that are loaded through one root may hold each other's rows. */
export interface Whole {
  /** The root that takes the rows; the table itself where it stands alone. */
  readonly into: string;
  readonly tables: readonly TableCopy[];
  /** One order of columns for all of them: partitions may have their own. */
  readonly compared: readonly string[];
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

export function wholesOf(plan: Pick<ExtractionPlan, 'tables'>): Whole[] {
  const groups = new Map<string, TableCopy[]>();
  for (const table of plan.tables) groups.set(table.into, [...(groups.get(table.into) ?? []), table]);
  return [...groups].map(([into, tables]) => ({
    into,
    tables,
    compared: tables[0]?.compared ?? [],
    columns: tables[0]?.columns ?? [],
    key: tables[0]?.key ?? [],
  }));
}

export async function checksumWhole(session: Session, whole: Whole): Promise<Checksum> {
  const parts: Checksum[] = [];
  for (const { name } of whole.tables)
    parts.push(await checksumTable(session, { name, compared: whole.compared }));
  return addChecksums(parts);
}

/** What the whole held at the switch; `null` where it was not written down. */
export function recordedChecksum(
  whole: Whole,
  recorded: Readonly<Record<string, Fingerprint>> | null,
): Checksum | null {
  const parts: Checksum[] = [];
  for (const { name } of whole.tables) {
    const at = recorded?.[name];
    if (at === undefined) return null;
    parts.push({ rows: at.rows, digest: at.checksum });
  }
  return addChecksums(parts);
}

export const equal = (a: Checksum, b: Checksum): boolean => a.rows === b.rows && a.digest === b.digest;
