import type { Change } from '../../../../contracts/plan.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { DatabaseRef, ExtractionPlan } from '../../../../extraction/api.ts';

export type CopyTables = Change<
  'copy-tables',
  {
    readonly into: DatabaseRef;
    readonly plan: ExtractionPlan;
    readonly rows: number;
    readonly tables: number;
  }
>;

/** Structure, rows, keys and everything else, exactly as the plan's statements say. */
export const copyTables: Operation<CopyTables> = {
  kind: 'copy-tables',
  undoPhase: 'database',
  async run({ after }, ports) {
    if (after === null) return;
    await ports.database.copyTables(after.plan, after.into, ports);
    ports.report.log('success', `Schema migrated (${count(after.tables, 'table')})`);
  },
  async undo({ after }, ports) {
    if (after !== null) await ports.database.removeCopies(after.plan, after.into);
  },
  done: (change) => `Data migrated (${count(change.after?.rows ?? 0, 'row')})`,
  undone: (change) => `Copied tables removed (${count(change.after?.tables ?? 0, 'table')})`,
  would: (change) =>
    `Would migrate ${count(change.after?.tables ?? 0, 'table')} (${count(change.after?.rows ?? 0, 'row')})`,
  details: (change) => {
    const { before = [], indexes = [], constraints = [], after = [] } = change.after?.plan ?? {};
    return [...before, ...indexes, ...constraints, ...after].map((statement) => `${statement.sql};`);
  },
  // A server of its own goes with its container
  debris: ({ target, after }) =>
    after?.into.server.kind === 'own' ? '' : sqlCommand(`DROP DATABASE IF EXISTS "${target}" WITH (FORCE)`),
};

function count(n: number, word: string): string {
  return `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`;
}
