import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { GateName } from '../../../../contracts/gates.ts';
import type { Change, Runtime } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
import type { SharedFacts } from '../../../core/facts.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';

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

const INTERVAL_MS = 250;
const LOG_LINES = 15;

/** Requests an address until it gives the expected answer, or times out. It has no effect, so its undo does nothing. */
export const checkHealth: Operation<CheckHealth> = {
  kind: 'check-health',
  undoPhase: 'service',
  plan: (facts) => requestsOf(facts).map((request) => changeOf(facts, request)),
  async run(change, ports) {
    await asGate(change.after.gate, ports, () => untilItAnswers(change, ports));
  },
  undo: () => Promise.resolve(),
  done: (change) => change.after.name,
  undone: () => '',
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
  const healthy = '"status":"healthy"';
  return [
    {
      gate: 'service-ready',
      name: runtime === 'docker' ? 'Container healthy' : 'Process ready',
      url: `${service}/readyz`,
      contains: '',
    },
    { gate: 'service-health', name: 'API responding', url: `${service}/health`, contains: healthy },
    {
      gate: 'service-database',
      name: 'Database connected',
      url: `${service}/api/${manifest.id}/health`,
      contains: healthy,
    },
    {
      gate: 'gateway-route',
      name: 'Gateway routing works',
      url: `${gateway}/api/${manifest.id}/health`,
      contains: healthy,
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

async function untilItAnswers({ target, after }: CheckHealth, ports: Ports): Promise<void> {
  const { name, status, contains, timeoutMs } = after;
  const deadline = performance.now() + timeoutMs;
  let last = { status: 0, body: 'no answer yet' };
  for (let attempt = 1; performance.now() < deadline; attempt += 1) {
    last = await ports.http.get(target);
    if (last.status === status && last.body.replace(/\s*([:,{}])\s*/g, '$1').includes(contains)) return;
    ports.report.progress({ target: `${name} (attempt ${attempt})`, done: 0, total: 0, unit: 'changes' });
    await delay(INTERVAL_MS, undefined, { signal: ports.signal });
  }
  const log = await lastLogLines(after, ports);
  throw new PlatformError(
    'health-failed',
    `${name}: GET ${target} answered ${last.status === 0 ? 'nothing' : last.status} for ${timeoutMs / 1000} s` +
      ` (${last.body.slice(0, 200)}).${log}`,
  );
}

/** The service's last log lines, where they can be read; a failure to read them must not hide the failure itself. */
async function lastLogLines(
  { runtime, container, logFile }: CheckHealth['after'],
  ports: Ports,
): Promise<string> {
  if (runtime === 'docker') {
    const state = await ports.containers.state(container).catch(() => null);
    if (state === null) return '';
    return `\nContainer ${container} is ${state.status} (${state.health}). Its last lines:\n${state.log}`;
  }
  const log = (await ports.files.readText(logFile))?.trimEnd().split('\n').slice(-LOG_LINES).join('\n') ?? '';
  return log === '' ? '' : `\nLast lines of ${logFile}:\n${log}`;
}
