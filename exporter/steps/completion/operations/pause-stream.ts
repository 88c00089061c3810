import type { Change } from '../../../../contracts/plan.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import type { Completion } from '../completion.ts';

export type PauseStream = Change<'pause-stream', StreamSpec>;

/** Lets the monolith's tables stand still, so that the archive holds exactly what they hold at the end. */
export const pauseStream: Completion<PauseStream> = {
  kind: 'pause-stream',
  title: 'Pausing the reverse stream',
  undoPhase: 'database',
  plan({ live }) {
    if (live === null) return [];
    return [
      { step: 'database', kind: 'pause-stream', target: live.back.name, before: null, after: live.back },
    ];
  },
  async run({ after }, ports) {
    await ports.live.pause(after);
  },
  async undo({ after }, ports) {
    if (await ports.live.isSubscribed(after)) await ports.live.subscribe(after);
  },
  done: () => "The monolith's tables stand still",
  undone: () => "The monolith's tables follow the service again",
  wouldUndo: () => "Let the monolith's tables follow the service again",
  would: ({ target }) => `Would pause the reverse stream ${target}, and keep the changes since`,
};
