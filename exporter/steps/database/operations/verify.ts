import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseRef, ExtractionPlan } from '../../../../extraction/api.ts';
import { asGate } from '../../../core/as-gate.ts';
import { databaseOf } from '../../../core/service-database.ts';
import type { Operation } from '../../../core/step.ts';
import { liveTables } from '../../../core/streams.ts';

export type Verify = Change<'verify', { readonly at: DatabaseRef; readonly plan: ExtractionPlan }>;

/**
 * Compares every row and every sequence of both sides. The fingerprints of the tables are kept with the job: a
 * rollback compares with them to tell whether the service has written since.
 */
export const verify: Operation<Verify> = {
  kind: 'verify',
  undoPhase: 'database',
  plan(facts) {
    const plan = facts.database.extraction;
    // a live copy is verified at its own snapshot, and again at the switch
    if (plan === null || liveTables(facts) !== null) return [];
    const after = { at: databaseOf(facts), plan };
    return [{ step: 'database', kind: 'verify', target: facts.names.database, before: null, after }];
  },
  async run({ after }, ports) {
    const { plan, at } = after;
    const fingerprints = await asGate('verification', ports, () =>
      ports.database.verifyTables(plan, at, ports),
    );
    ports.remember('fingerprints', fingerprints);
  },
  undo: () => Promise.resolve(), // comparing has no effect
  done: () => 'Integrity checks passed',
  undone: () => '',
  wouldUndo: () => '',
  would: (change) => `Would verify ${change.target} row by row`,
};
