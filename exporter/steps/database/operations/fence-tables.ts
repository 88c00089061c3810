import { FENCE_FUNCTION } from '../../../../contracts/fence.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { FenceSpec } from '../../../../extraction/api.ts';
import { orphansInDatabase } from '../../../core/orphans.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { liveTables } from '../../../core/streams.ts';

export type FenceTables = Change<'fence-tables', FenceSpec>;

/** Blocks writes to the tool's tables in the source; reads go on. The fence stays after the export. */
export const fenceTables: Operation<FenceTables> = {
  kind: 'fence-tables',
  // Writers return to the source right after traffic: stopping the service and its containers takes seconds
  undoPhase: 'configuration',
  protectsRows: true,
  plan(facts) {
    const { manifest, names, database } = facts;
    if (database.extraction === null || liveTables(facts) !== null) return [];
    return [
      {
        step: 'database',
        kind: 'fence-tables',
        target: database.fenced.join(', '),
        before: null,
        after: {
          toolId: manifest.id,
          toolName: manifest.name,
          takenOverBy: names.api,
          tables: database.fenced,
        },
      },
    ];
  },
  async run({ after }, ports) {
    await ports.database.fenceTables(after, ports);
  },
  async undo({ after }, ports) {
    await ports.database.unfenceTables(after);
  },
  done: (change) => `Source fenced against writes (${countTables(change)})`,
  undone: (change) => `Source open for writes again (${countTables(change)})`,
  wouldUndo: (change) => `Open the monolith's tables for writes (${countTables(change)})`,
  would: (change) => `Would fence ${countTables(change)} of the source against writes`,
  removeByHand: ({ after }) =>
    sqlCommand(`DROP FUNCTION IF EXISTS ${FENCE_FUNCTION}."${after.toolId}"() CASCADE`),
  findOrphans: ({ toolId }, ports) => orphansInDatabase(ports, FENCE, [toolId]),
};

const FENCE = `
SELECT format('write fence of %s on %s', proname,
      (SELECT string_agg(tgrelid::regclass::text, ', ') FROM pg_trigger WHERE tgfoid = p.oid)) AS name,
    format('DROP FUNCTION %I.%I() CASCADE', '${FENCE_FUNCTION}', proname) AS sql, true AS owned
  FROM pg_proc p WHERE pronamespace = to_regnamespace('${FENCE_FUNCTION}') AND proname = $1`;

const countTables = ({ after }: FenceTables): string =>
  `${after.tables.length} ${after.tables.length === 1 ? 'table' : 'tables'}`;
