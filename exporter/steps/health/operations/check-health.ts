import type { GateName } from '../../../../contracts/gates.ts';
import type { Change, Runtime } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
import type { SharedFacts } from '../../../core/facts.ts';
import type { Operation } from '../../../core/step.ts';
import { HEALTHY, waitForAnswer } from '../../../core/wait-for-answer.ts';

export type CheckHealth = Change<
  'check-health',
  {
    readonly gate: GateName;
    readonly name: string;
    readonly status: number;
    /** Text that the body holds; white space between JSON tokens does not count. */
    readonly contains: string;
    readonly timeoutMs: number;
    readonly logFile: string;
    readonly runtime: Runtime;
    /** Container whose last lines explain a failure (docker runtime). */
    readonly container: string;
  }
>;

/** Requests an address until it gives the expected answer, or times out. It has no effect, so its undo does nothing. */
export const checkHealth: Operation<CheckHealth> = {
  kind: 'check-health',
  undoPhase: 'service',
  plan: (facts) => requestsOf(facts).map((request) => changeOf(facts, request)),
  async run(change, ports) {
    await asGate(change.after.gate, ports, () =>
      waitForAnswer({ ...change.after, url: change.target }, ports),
    );
  },
  undo: () => Promise.resolve(),
  done: (change) => change.after.name,
  undone: () => '',
  wouldUndo: () => '',
  would: (change) => `Would check ${change.target}`,
};

interface Request {
  readonly gate: GateName;
  readonly name: string;
  readonly url: string;
  readonly contains: string;
}

function requestsOf({
  settings,
  manifest,
  servicePort,
  infrastructure,
  runtime,
}: SharedFacts): readonly Request[] {
  const service = `http://${settings.host}:${servicePort}`;
  const gateway = `http://${settings.host}:${infrastructure.gatewayPort}`;
  return [
    {
      gate: 'service-ready',
      name: runtime === 'docker' ? 'Container healthy' : 'Process ready',
      url: `${service}/readyz`,
      contains: '',
    },
    { gate: 'service-health', name: 'API responding', url: `${service}/health`, contains: HEALTHY },
    {
      gate: 'service-database',
      name: 'Database connected',
      url: `${service}/api/${manifest.id}/health`,
      contains: HEALTHY,
    },
    {
      gate: 'gateway-route',
      name: 'Gateway routing works',
      url: `${gateway}/api/${manifest.id}/health`,
      contains: HEALTHY,
    },
    {
      gate: 'web-app-served',
      name: 'Web app served',
      url: `${gateway}/tools/${manifest.id}/`,
      contains: '<base href=',
    },
  ];
}

function changeOf({ settings, names, runtime }: SharedFacts, { url, ...request }: Request): CheckHealth {
  return {
    step: 'health',
    kind: 'check-health',
    target: url,
    before: null,
    after: {
      ...request,
      logFile: `${settings.stateDir}/logs/${names.api}.log`,
      status: 200,
      timeoutMs: (settings.healthTimeout ?? 30) * 1_000,
      runtime,
      container: names.api,
    },
  };
}
