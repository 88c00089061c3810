import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` holds. @throws Error after `ms` milliseconds */
export async function eventually(condition: () => Promise<boolean>, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await delay(50);
  }
}
