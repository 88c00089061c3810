/** Wait in milliseconds before the next start after a failure: doubled with each one up to the longest. */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** What has run this long is sound: its next failure counts as the first. */
const SOUND_MS = 60_000;

/** Spaces out the starts of something that keeps failing. */
export interface BackOff {
  /** Notes a failure of something that ran for so many milliseconds. Returns the wait in milliseconds. */
  failed(ranMs: number): number;
  /** Milliseconds until the next start; 0 when it may start now. */
  remaining(): number;
  /** The cause may be gone: the next failure counts as the first. */
  reset(): void;
}

export function createBackOff(): BackOff {
  let failures = 0;
  let until = 0;
  return {
    failed(ranMs) {
      if (ranMs >= SOUND_MS) failures = 0;
      const wait = Math.min(FIRST_MS * 2 ** failures, LONGEST_MS);
      failures += 1;
      until = performance.now() + wait;
      return wait;
    },
    remaining: () => Math.max(0, until - performance.now()),
    reset() {
      failures = 0;
      until = 0;
    },
  };
}
