import type { Change } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
import type { Operation } from '../../../core/step.ts';
import type { DatabaseRef, ExtractionPlan } from '../../../../extraction/api.ts';

export type Verify = Change<'verify', { readonly at: DatabaseRef; readonly plan: ExtractionPlan }>;

/**
 * Compares every row and every sequence of both sides. What the tables held is kept with the job: a rollback tells by
 * it whether the service has taken writes since.
 */
export const verify: Operation<Verify> = {
  kind: 'verify',
  undoPhase: 'database',
  async run({ after }, ports) {
    if (after === null) return;
    const { plan, at } = after;
    const fingerprints = await asGate('verification', ports, () =>
      ports.database.verifyTables(plan, at, ports),
    );
    ports.remember('fingerprints', fingerprints);
  },
  undo: () => Promise.resolve(), // it only looked
  done: () => 'Integrity checks passed',
  undone: () => '',
  would: (change) => `Would verify ${change.target} row by row`,
};
