import type { Change, Runtime } from '../../../../contracts/plan.ts';
import { answers, waitForAnswer, HEALTHY, type Expected } from '../../../core/wait-for-answer.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';
import { instancesOf } from '../../../generate/infrastructure/compose-entry.ts';

export type WarmUp = Change<
  'warm-up',
  {
    /** One request for each instance, over its own port. */
    readonly instances: readonly Expected[];
    readonly runtime: Runtime;
    readonly logFile: string;
    readonly timeoutMs: number;
  }
>;

/** As many as the service has connections to its database. */
const AT_ONCE = 10;
const ROUNDS = 3;

/**
 * Waits until each instance is healthy, and sends it enough requests at once to open its connections and compile its code. The
 * first requests of callers would do so otherwise, and a service that fails them has taken over already.
 */
export const warmUp: Operation<WarmUp> = {
  kind: 'warm-up',
  undoPhase: 'service',
  plan(facts) {
    const { manifest, names, settings, runtime } = facts;
    return [
      {
        step: 'infrastructure',
        kind: 'warm-up',
        target: names.api,
        before: null,
        after: {
          instances: instancesOf(facts).map(({ name, port }) => ({
            name,
            container: name,
            url: `http://${settings.host}:${port}/api/${manifest.id}/health`,
            status: 200,
            contains: HEALTHY,
          })),
          runtime,
          logFile: `${settings.stateDir}/logs/${names.api}.log`,
          timeoutMs: (settings.healthTimeout ?? 30) * 1_000,
        },
      },
    ];
  },
  async run({ after }, ports) {
    const { instances, ...how } = after;
    await Promise.all(
      instances.map(async (instance) => {
        await waitForAnswer({ ...how, ...instance }, ports);
        for (let round = 0; round < ROUNDS; round += 1) await sendAtOnce(instance, ports);
        // A service that the load has stopped never gets the route
        await waitForAnswer({ ...how, ...instance }, ports);
      }),
    );
  },
  undo: () => Promise.resolve(),
  done: () => '',
  undone: () => '',
  would: (change) => `Would warm up ${change.target} before the switch`,
};

async function sendAtOnce(instance: Expected, ports: Ports): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, () => answers(instance, ports)));
}
