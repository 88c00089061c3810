import type { Checksum } from '../run/checksum.ts';
import { equal } from './wholes.ts';

/** What a table's three states say: at the switch, in the source now, in the service now. */
export type Decision =
  | 'same'
  /** Only the service has written: its rows come home. */
  | 'home'
  /** Only the source was changed, past the fence: it stays as it is, and nothing of the service is lost. */
  | 'stay'
  /** Both were changed, or nobody knows what the source held: whichever side wins, something is lost. */
  | 'conflict';

/** Pure: a three-way comparison of one table as a whole. */
export function decide(states: {
  readonly recorded: Checksum | null;
  readonly source: Checksum;
  readonly service: Checksum;
}): Decision {
  const { recorded, source, service } = states;
  if (equal(source, service)) return 'same';
  if (recorded === null) return 'conflict';
  if (equal(recorded, source)) return 'home';
  return equal(recorded, service) ? 'stay' : 'conflict';
}
