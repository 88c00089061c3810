import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseRef, FenceSpec } from '../../../../extraction/api.ts';
import type { Operation } from '../../../core/step.ts';
import { liveTables } from '../../../core/streams.ts';

export type CloseService = Change<'close-service', { readonly at: DatabaseRef; readonly fence: FenceSpec }>;

/** Refuses writers of the copy until the switch, so that no stray caller makes it differ. The worker that follows the source is exempt. */
export const closeService: Operation<CloseService> = {
  kind: 'close-service',
  undoPhase: 'database',
  plan(facts) {
    const live = liveTables(facts);
    if (live === null) return [];
    return [
      {
        step: 'database',
        kind: 'close-service',
        target: facts.names.database,
        before: null,
        after: { at: live.service, fence: live.fences.service },
      },
    ];
  },
  async run({ after }, ports) {
    await ports.database.fenceService(after.fence, after.at, ports);
  },
  undo: () => Promise.resolve(), // goes with its database
  done: () => 'Copy closed for writes until the switch',
  undone: () => '',
  wouldUndo: () => '',
  would: ({ target }) => `Would close ${target} for writes until the switch`,
};
