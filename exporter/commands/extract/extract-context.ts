import type { Lag, ProgressPort } from '../../../extraction/index.ts';

/** What a run of `gulp extract` is told, and tells, while it works. */
export interface ExtractContext {
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal;
  readonly report?: ProgressPort;
  /** Aborted when the user wants a run with `--follow` to switch. */
  readonly switchNow?: AbortSignal;
  /** Called several times a second while the target follows the source. */
  readonly onLag?: (lag: Lag) => void;
}
