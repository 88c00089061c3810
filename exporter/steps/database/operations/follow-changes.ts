import type { Change } from '../../../../contracts/plan.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { dropSlotSql, dropSubscriptionSql, liveTables } from '../../../core/streams.ts';

export type FollowChanges = Change<'follow-changes', { readonly out: StreamSpec; readonly back: StreamSpec }>;

/**
 * Lets the copy follow the source, and reserves the slot that keeps the service's writes after the switch: creating one
 * waits for transactions, which a switch must not.
 */
export const followChanges: Operation<FollowChanges> = {
  kind: 'follow-changes',
  undoPhase: 'database',
  plan(facts) {
    const live = liveTables(facts);
    if (live === null) return [];
    const { out, back } = live;
    return [
      { step: 'database', kind: 'follow-changes', target: out.name, before: null, after: { out, back } },
    ];
  },
  async run({ after }, ports) {
    await ports.live.publish(after.back);
    await ports.live.reserveSlot(after.back, ports);
    // ahead of the switch: after it, the way back would be missing
    await ports.live.trySubscription(after.back);
    await ports.live.subscribe(after.out);
  },
  async undo({ after }, ports) {
    await ports.live.unsubscribe(after.out);
    await ports.live.unpublish(after.back);
  },
  done: () => 'The copy follows the source',
  undone: () => 'The copy follows the source no more',
  wouldUndo: () => 'End the stream from the monolith to the copy',
  would: () => 'Would let the copy follow the source until the switch',
  // A database is not dropped while it has a slot. A server in a container is removed with it
  removeByHand: ({ after: { out, back } }) =>
    out.to.server.kind === 'own'
      ? ''
      : sqlCommand(`${dropSubscriptionSql(out.name)}; ${dropSlotSql(back.name)}`, out.to.database),
};
