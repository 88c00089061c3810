import type { Fingerprint } from '../api.ts';
import { addChecksums, type Checksum } from '../run/checksum.ts';
import { isEqual, type TableGroup } from '../run/table-groups.ts';

/** The result of comparing a table group at the switch, in the source now and in the service now. */
export type Decision =
  | 'equal'
  /** Only the service has written: its rows are synced back. */
  | 'service-only'
  /** Only the source was changed, past the fence: it is left unchanged, and no row of the service is lost. */
  | 'source-only'
  /** Both were changed, or the state at the switch is unknown: either choice would lose rows. */
  | 'conflict';

/** Pure: a three-way comparison of one table group. */
export function decide(states: {
  readonly recorded: Checksum | null;
  readonly source: Checksum;
  readonly service: Checksum;
}): Decision {
  const { recorded, source, service } = states;
  if (isEqual(source, service)) return 'equal';
  if (recorded === null) return 'conflict';
  if (isEqual(recorded, source)) return 'service-only';
  return isEqual(recorded, service) ? 'source-only' : 'conflict';
}

/** The group's checksum at the switch; `null` when one of its tables was not recorded. */
export function recordedChecksum(
  { tables }: Pick<TableGroup, 'tables'>,
  recorded: Readonly<Record<string, Fingerprint>> | null,
): Checksum | null {
  const parts: Checksum[] = [];
  for (const { name } of tables) {
    const fingerprint = recorded?.[name];
    if (fingerprint === undefined) return null;
    parts.push({ rows: fingerprint.rows, digest: fingerprint.checksum });
  }
  return addChecksums(parts);
}
