import { CancelledError } from '../core/failures.ts';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Also called for a cancellation through the API. */
  cancel(by: string): void;
  /** From here on a signal no longer cancels; it calls `onAgain`, which says what would be left. */
  protect(onAgain: () => void): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const WORDS = { SIGINT: 'Ctrl-C', SIGTERM: 'SIGTERM', SIGHUP: 'a closed terminal' } as const;

/** Turns the ways to stop a process into one abort signal, and keeps the undo safe from them. */
export function watchInterrupts(): Interrupts {
  const controller = new AbortController();
  let onAgain: (() => void) | null = null;
  // They stay to the end: a signal that comes when all is done must not turn the exit code into its own
  for (const name of SIGNALS)
    process.on(name, () => {
      if (onAgain === null && !controller.signal.aborted) controller.abort(new CancelledError(WORDS[name]));
      else onAgain?.();
    });
  return {
    signal: controller.signal,
    cancel(by) {
      if (!controller.signal.aborted) controller.abort(new CancelledError(by));
    },
    protect(again) {
      onAgain = again;
    },
  };
}
