import type { ExtractionPlan, Fingerprint, ServiceWrites, SyncConflict, WrittenTable } from '../api.ts';
import type { Session } from '../run/session.ts';
import { checksumGroup, groupTables, type TableGroup } from '../run/table-groups.ts';
import { decide, recordedChecksum, type Decision } from './decide.ts';
import { countDifferences, findDiffering, type DifferingRows } from './differing-rows.ts';
import { findAdvanced, type AdvancedSequence } from './sequences.ts';
import { findShapeConflicts } from './shape.ts';

/** One table group whose rows are synced back. */
export interface ServiceRows {
  readonly group: TableGroup;
  readonly differing: DifferingRows;
  readonly number: number;
}

export interface Survey {
  readonly writes: ServiceWrites;
  readonly rows: readonly ServiceRows[];
  readonly advanced: readonly AdvancedSequence[];
}

interface SurveyOptions {
  readonly plan: ExtractionPlan;
  readonly recorded: Readonly<Record<string, Fingerprint>> | null;
  readonly signal: AbortSignal;
}

/** Compares both sides, table group by table group. */
export async function survey(source: Session, service: Session, options: SurveyOptions): Promise<Survey> {
  const { plan, recorded, signal } = options;
  const conflicts: SyncConflict[] = await findShapeConflicts(source, service, plan);
  const misshapen = new Set(conflicts.map(({ object }) => object));
  const tables: WrittenTable[] = [];
  const sourceOnly: string[] = [];
  const rows: ServiceRows[] = [];
  for (const [number, group] of groupTables(plan).entries()) {
    signal.throwIfAborted();
    if (group.tables.some(({ name }) => misshapen.has(name))) continue;
    const atSwitch = recordedChecksum(group, recorded);
    const decision = await compare(source, service, group, atSwitch);
    if (decision === 'source-only') sourceOnly.push(group.into);
    if (decision === 'equal' || decision === 'source-only') continue;
    const differing = await findDiffering({ source, service }, group, { number, signal });
    const written = await countDifferences({ source, service }, group, differing);
    tables.push(written);
    const conflict = conflictOf(group, written, { decision, isRecorded: atSwitch !== null });
    if (conflict === null) rows.push({ group, number, differing });
    else conflicts.push({ object: group.into, message: conflict });
  }
  const advanced = conflicts.length > 0 ? [] : await findAdvanced(source, service, plan.sequences);
  const sequences = advanced.map(({ name }) => name);
  return { rows, advanced, writes: { tables, sourceOnly, conflicts, sequences } };
}

async function compare(
  source: Session,
  service: Session,
  group: TableGroup,
  recorded: Parameters<typeof decide>[0]['recorded'],
): Promise<Decision> {
  const [inSource, inService] = await Promise.all([
    checksumGroup(source, group),
    checksumGroup(service, group),
  ]);
  return decide({ recorded, source: inSource, service: inService });
}

function conflictOf(
  { into, tables }: TableGroup,
  { name, examples }: WrittenTable,
  { decision, isRecorded }: { readonly decision: Decision; readonly isRecorded: boolean },
): string | null {
  if (decision === 'conflict') {
    const reason = isRecorded
      ? 'the source was changed since the switch as well, past its fence'
      : 'the state of the source at the switch was not recorded';
    return `${name}: ${reason}; the two sides differ in ${examples.join(', ')}`;
  }
  return tables.some((table) => table.largeObjects.length > 0)
    ? `${into}: its rows refer to large objects, which are not synced back`
    : null;
}
