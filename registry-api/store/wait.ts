import { setTimeout as sleep } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { isDatabaseAway } from '../../contracts/host/database-errors.ts';

export interface WaitOptions {
  /** Default a minute. */
  readonly patienceMs?: number;
  /** Called once, with what is wrong, before the first pause: whoever starts something sees why nothing happens. */
  readonly onWait?: (error: PlatformError) => void;
}

/**
 * Tries until the database answers: services that start together do not start in order. Waits only for what waiting
 * can mend; a wrong password or a version that is too old is told at once.
 *
 * @throws PlatformError `database-unreachable`, the last one, when the patience ends; anything else at once.
 */
export async function waitForDatabase<T>(
  connect: () => Promise<T>,
  { patienceMs = 60_000, onWait }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let pause = 100, isFirst = true; ; pause = Math.min(pause * 2, 2_000), isFirst = false) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'database-unreachable') throw error;
      if (!isDatabaseAway(error.cause) || performance.now() + pause > deadline) throw error;
      if (isFirst) onWait?.(error);
      await sleep(pause);
    }
  }
}
