import type { Completion } from './completion.ts';
import { archiveSource } from './operations/archive-source.ts';
import { dropSource } from './operations/drop-source.ts';
import { endWayBack } from './operations/end-way-back.ts';
import { pauseStream } from './operations/pause-stream.ts';
import { removeCode } from './operations/remove-code.ts';

/** The effects of `gulp complete`, in order: what can be undone comes first. */
export const COMPLETION: readonly Completion[] = [
  pauseStream,
  archiveSource,
  endWayBack,
  dropSource,
  removeCode,
];
