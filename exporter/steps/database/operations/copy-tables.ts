import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseRef, ExtractionPlan } from '../../../../extraction/api.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import { databaseOf } from '../../../core/service-database.ts';
import type { Operation } from '../../../core/step.ts';
import { COPIED_ROWS, liveTables } from '../../../core/streams.ts';

export type CopyTables = Change<
  'copy-tables',
  {
    readonly into: DatabaseRef;
    readonly plan: ExtractionPlan;
    readonly rows: number;
    readonly tables: number;
    /** The stream whose snapshot is copied, in a live cut-over. */
    readonly stream?: StreamSpec;
  }
>;

/** Structure, rows, keys and all other objects, exactly as the plan's statements create them. */
export const copyTables: Operation<CopyTables> = {
  kind: 'copy-tables',
  undoPhase: 'database',
  plan(facts) {
    const { names, database } = facts;
    const { extraction: plan } = database;
    if (plan === null) return [];
    const live = liveTables(facts);
    const rows = Object.values(database.rows).reduce((sum, n) => sum + n, 0);
    return [
      {
        step: 'database',
        kind: 'copy-tables',
        target: names.database,
        before: null,
        after: {
          into: databaseOf(facts),
          plan,
          rows,
          tables: plan.groups.length,
          ...(live === null ? {} : { stream: live.out }),
        },
      },
    ];
  },
  async run({ after }, ports) {
    if (after.stream === undefined) await ports.database.copyTables(after.plan, after.into, ports);
    else ports.remember(COPIED_ROWS, await ports.live.copyAtSlot(after.plan, after.stream, ports));
    ports.report.log('success', `Schema migrated (${count(after.tables, 'table')})`);
  },
  async undo({ after }, ports) {
    await ports.database.removeCopies(after.plan, after.into);
  },
  done: ({ after }) => `Data migrated (${count(after.rows, 'row')})`,
  undone: ({ after }) => `Copied tables removed (${count(after.tables, 'table')})`,
  wouldUndo: ({ after }) => `Remove the copied tables (${count(after.tables, 'table')})`,
  would: ({ after }) => `Would migrate ${count(after.tables, 'table')} (${count(after.rows, 'row')})`,
  details({ after: { plan } }) {
    const statements = [...plan.before, ...plan.indexes, ...plan.constraints, ...plan.after];
    return statements.map((statement) => `${statement.sql};`);
  },
  // A server in a container is removed with it
  removeByHand: ({ target, after }) =>
    after.into.server.kind === 'own' ? '' : sqlCommand(`DROP DATABASE IF EXISTS "${target}" WITH (FORCE)`),
};

function count(n: number, word: string): string {
  return `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`;
}
