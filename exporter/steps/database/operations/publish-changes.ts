import type { Change } from '../../../../contracts/plan.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import { orphansInDatabase } from '../../../core/orphans.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { dropSlotSql, liveTables } from '../../../core/streams.ts';

export type PublishChanges = Change<'publish-changes', StreamSpec>;

/** Publishes the monolith's writes to the tool's tables, for the copy that follows them. Alters no table. */
export const publishChanges: Operation<PublishChanges> = {
  kind: 'publish-changes',
  undoPhase: 'database',
  plan(facts) {
    const live = liveTables(facts);
    if (live === null) return [];
    return [
      { step: 'database', kind: 'publish-changes', target: live.out.name, before: null, after: live.out },
    ];
  },
  async run({ after }, ports) {
    await ports.live.publish(after);
  },
  async undo({ after }, ports) {
    await ports.live.unpublish(after);
  },
  done: ({ after }) => `Changes of the source published (${countTables(after)})`,
  undone: () => 'Publication and replication slot removed',
  wouldUndo: ({ target }) => `Remove publication and replication slot ${target}`,
  would: ({ after }) => `Would publish the changes of ${countTables(after)} of the source`,
  removeByHand: ({ target }) => sqlCommand(`${dropSlotSql(target)}; DROP PUBLICATION IF EXISTS "${target}"`),
  findOrphans: ({ names }, ports) =>
    orphansInDatabase(ports, PUBLISHED, [`${names.database}_out`, `${names.database}_back`]),
};

/** What a live cut-over leaves in the source: a subscription first, as its worker reads a slot. */
const PUBLISHED = `
SELECT 'subscription ' || subname AS name,
    format('ALTER SUBSCRIPTION %1$I DISABLE; ALTER SUBSCRIPTION %1$I SET (slot_name = NONE); DROP SUBSCRIPTION %1$I', subname) AS sql, true AS owned
  FROM pg_subscription WHERE subname = $2 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'replication slot ' || slot_name, format('SELECT pg_drop_replication_slot(%L)', slot_name), NOT active
  FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()
UNION ALL
SELECT 'publication ' || pubname, format('DROP PUBLICATION %I', pubname), true FROM pg_publication WHERE pubname = $1`;

const countTables = ({ tables }: StreamSpec): string =>
  `${tables.length} ${tables.length === 1 ? 'table' : 'tables'}`;
