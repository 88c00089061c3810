import type { Change } from '../../../../contracts/plan.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { dropSubscriptionSql, liveTables, returnStream } from '../../../core/streams.ts';

export type FollowBack = Change<'follow-back', { readonly out: StreamSpec; readonly back: StreamSpec }>;

/** Lets the monolith's tables follow the service, so that a rollback at any time needs no copy. Ends the stream to the service first. */
export const followBack: Operation<FollowBack> = {
  kind: 'follow-back',
  undoPhase: 'database',
  plan(facts) {
    const live = liveTables(facts);
    if (live === null) return [];
    const { out, back } = live;
    return [
      { step: 'infrastructure', kind: 'follow-back', target: back.name, before: null, after: { out, back } },
    ];
  },
  async run({ after }, ports) {
    await returnStream(after, ports);
  },
  async undo({ after }, ports) {
    await ports.live.unsubscribe(after.back);
  },
  done: () => "The monolith's tables follow the service",
  undone: () => "The monolith's tables follow the service no more",
  wouldUndo: () => "End the stream from the service to the monolith's tables",
  would: () => "Would let the monolith's tables follow the service",
  removeByHand: ({ target }) => sqlCommand(dropSubscriptionSql(target)),
};
