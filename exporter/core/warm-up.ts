import { asGate } from './as-gate.ts';
import type { Ports } from './ports.ts';
import { answers, waitForAnswer, type Wait } from './wait-for-answer.ts';

/** As many as a service has connections to its database. */
const AT_ONCE = 10;
const ROUNDS = 3;

/**
 * Waits until each instance of a service gives the expected answer, and sends it enough requests at once to open its connections
 * and compile its code. The first requests of callers would do so otherwise, and a service that fails them has the route already.
 * @throws PlatformError `health-failed` when an instance does not answer in time, or no longer answers under this load
 */
export async function warmUp(instances: readonly Wait[], ports: Ports): Promise<void> {
  if (instances.length === 0) return; // a plan of an earlier version
  await asGate('service-health', ports, async () => {
    await Promise.all(instances.map((instance) => warmUpOne(instance, ports)));
  });
}

async function warmUpOne(instance: Wait, ports: Ports): Promise<void> {
  await waitForAnswer(instance, ports);
  for (let round = 0; round < ROUNDS; round += 1)
    await Promise.all(Array.from({ length: AT_ONCE }, () => answers(instance, ports)));
  await waitForAnswer(instance, ports);
}
