import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseRef } from '../../../../extraction/api.ts';
import { databaseOf } from '../../../core/service-database.ts';
import type { Operation } from '../../../core/step.ts';

export type AnnounceSwitch = Change<'announce-switch', { readonly at: DatabaseRef }>;

/**
 * Records in the service's database that the service has taken over, so that it starts the tool: at once, and after each restart.
 * Until then only the monolith's copy runs the tool's timers. The record goes with the database.
 */
export const announceSwitch: Operation<AnnounceSwitch> = {
  kind: 'announce-switch',
  undoPhase: 'configuration',
  plan: (facts) => [
    {
      step: 'infrastructure',
      kind: 'announce-switch',
      target: facts.names.api,
      before: null,
      after: { at: databaseOf(facts) },
    },
  ],
  async run({ after }, ports) {
    await ports.database.announceSwitch(after.at);
  },
  undo: () => Promise.resolve(), // the service and its database are removed
  done: () => '',
  undone: () => '',
  would: (change) => `Would start the tool in ${change.target} after the switch`,
};
