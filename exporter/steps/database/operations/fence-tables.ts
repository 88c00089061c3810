import { FENCE_FUNCTION } from '../../../../contracts/fence.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { FenceSpec } from '../../../../extraction/api.ts';

export type FenceTables = Change<'fence-tables', FenceSpec>;

/** From here on nobody writes to the tool's tables in the source; reads go on. It stays up after the export. */
export const fenceTables: Operation<FenceTables> = {
  kind: 'fence-tables',
  // writers come home only after traffic has
  undoPhase: 'database',
  async run({ after }, ports) {
    if (after !== null) await ports.database.fenceTables(after, ports);
  },
  async undo({ after }, ports) {
    if (after !== null) await ports.database.unfenceTables(after);
  },
  done: (change) => `Source fenced against writes (${countTables(change)})`,
  undone: (change) => `Source open for writes again (${countTables(change)})`,
  would: (change) => `Would fence ${countTables(change)} of the source against writes`,
  debris: ({ after }) =>
    sqlCommand(`DROP FUNCTION IF EXISTS ${FENCE_FUNCTION}."${after?.toolId ?? ''}"() CASCADE`),
};

const countTables = (change: FenceTables): string => {
  const count = change.after?.tables.length ?? 0;
  return `${count} ${count === 1 ? 'table' : 'tables'}`;
};
