import { CancelledBySignal, type CancelledError } from '../core/failures.ts';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Also called for a cancellation through the API. */
  cancel(reason: CancelledError): void;
  /** Makes signals call `onAgain` instead of cancelling; it reports the changes that a forced end would leave. */
  protect(onAgain: () => void): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const WORDS = { SIGINT: 'Ctrl-C', SIGTERM: 'SIGTERM', SIGHUP: 'a closed terminal' } as const;

/** Turns the ways to stop a process into one abort signal, and keeps the undo safe from them. */
export function watchInterrupts(): Interrupts {
  const controller = new AbortController();
  let onAgain: (() => void) | null = null;
  // The handlers stay to the end: a late signal must not replace the exit code
  for (const name of SIGNALS)
    process.on(name, () => {
      if (onAgain === null && !controller.signal.aborted)
        controller.abort(new CancelledBySignal(`Interrupted by ${WORDS[name]}`));
      else onAgain?.();
    });
  return {
    signal: controller.signal,
    cancel(reason) {
      if (!controller.signal.aborted) controller.abort(reason);
    },
    protect(again) {
      onAgain = again;
    },
  };
}
