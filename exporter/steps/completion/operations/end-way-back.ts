import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseRef, FenceSpec } from '../../../../extraction/api.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import { END_WAY_BACK, noUndo, type Completion } from '../completion.ts';

export type EndWayBack = Change<
  typeof END_WAY_BACK,
  {
    /** Both ways, of a live export. */
    readonly streams: readonly StreamSpec[];
    /** Closed for good, until the tables are dropped; `null` without tables. */
    readonly source: FenceSpec | null;
    /** The fence in the service's database, by which a rollback would close the service. */
    readonly service: { readonly fence: FenceSpec; readonly at: DatabaseRef } | null;
  }
>;

/** Removes what only a rollback needs: streams with their slots and workers, and the service's fence. */
export const endWayBack: Completion<EndWayBack> = {
  kind: END_WAY_BACK,
  title: 'Ending the way back',
  undoPhase: 'database',
  plan({ live, fence, service, names, jobId }) {
    const after = {
      streams: live === null ? [] : [live.back, live.out],
      source:
        fence === null
          ? null
          : {
              ...fence,
              refusal: {
                hint: `Write through ${fence.takenOverBy}. These tables are an old copy: gulp complete has ended the rollback of job ${jobId}`,
              },
            },
      service:
        fence === null || service === null
          ? null
          : { fence: { ...fence, takenOverBy: 'the monolith' }, at: service },
    };
    return [{ step: 'database', kind: END_WAY_BACK, target: names.api, before: null, after }];
  },
  async run({ after }, ports) {
    const { streams, source, service } = after;
    for (const stream of streams) {
      await ports.live.unsubscribe(stream);
      await ports.live.unpublish(stream);
    }
    if (service !== null) await ports.database.unfenceService(service.fence, service.at);
    if (source !== null) await ports.database.fenceTables(source, ports);
  },
  undo: noUndo,
  done: ({ after }) =>
    after.streams.length === 0
      ? 'The export can no longer be rolled back'
      : 'Streams, slots and publications removed: the export can no longer be rolled back',
  undone: () => '',
  wouldUndo: () => '',
  would: ({ after }) =>
    after.streams.length === 0
      ? 'Would end the way back: no rollback afterwards'
      : `Would remove the streams, slots and publications ${after.streams.map(({ name }) => name).join(', ')}: no rollback afterwards`,
};
