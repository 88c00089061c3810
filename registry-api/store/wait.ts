import { setTimeout as sleep } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { isDatabaseAway } from '../../contracts/host/database-errors.ts';

export interface WaitOptions {
  /** Default 1 minute. */
  readonly patienceMs?: number;
  /** Called once, with the error, before the first pause, to explain the wait. */
  readonly onWait?: (error: PlatformError) => void;
}

/**
 * Retries until the database answers, because services that start together start in any order. Retries only
 * errors that waiting can fix; throws a wrong password or an old version at once.
 *
 * @throws PlatformError `database-unreachable`, the last one, after the timeout; any other error at once.
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
