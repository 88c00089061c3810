import { PlatformError } from '../../../contracts/errors.ts';

export interface SlotOptions {
  /** Most tasks at a time. */
  readonly running: number;
  /** Most tasks that wait for a slot. */
  readonly waiting: number;
  /** What the tasks are, in the plural, for the refusal. */
  readonly what: string;
}

/** Runs a task once a slot is free. @throws PlatformError `rate-limited` when too many wait already. */
export type Slots = <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Limits how many costly tasks run at a time. A waiting task whose signal aborts gives up its place. */
export function createSlots({ running: most, waiting: longest, what }: SlotOptions): Slots {
  let running = 0;
  const queue: (() => void)[] = [];

  const enter = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (running < most) {
      running += 1;
      return;
    }
    if (queue.length >= longest)
      throw new PlatformError(
        'rate-limited',
        `Too many ${what} are in progress. Try again in a few seconds.`,
      );
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(); // the slot is handed over, so the number of running tasks is unchanged
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(start), 1);
        reject(signal.reason as Error);
      };
      queue.push(start);
      signal.addEventListener('abort', leave, { once: true });
    });
  };

  return async (task, signal) => {
    await enter(signal);
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
