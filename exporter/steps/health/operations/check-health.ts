import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { GateName } from '../../../../contracts/gates.ts';
import type { Change, Runtime } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
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

/** Asks an address until it answers as it should, for a bounded time. Leaves no effect, so undo has nothing to do. */
export const checkHealth: Operation<CheckHealth> = {
  kind: 'check-health',
  undoPhase: 'service',
  async run(change, ports) {
    if (change.after === null) return;
    const { gate } = change.after;
    await asGate(gate, ports, () => untilItAnswers(change, ports));
  },
  async undo() {
    // Asking changed nothing
  },
  done: (change) => change.after?.name ?? change.target,
  undone: () => '',
  would: (change) => `Would check ${change.target}`,
};

async function untilItAnswers({ target, after }: CheckHealth, ports: Ports): Promise<void> {
  if (after === null) return;
  const { name, status, contains, timeoutMs } = after;
  const deadline = performance.now() + timeoutMs;
  let last = { status: 0, body: 'no answer yet' };
  for (let attempt = 1; performance.now() < deadline; attempt += 1) {
    last = await ports.http.get(target);
    if (last.status === status && last.body.replace(/\s*([:,{}])\s*/g, '$1').includes(contains)) return;
    ports.report.progress({ target: `${name} (attempt ${attempt})`, done: 0, total: 0, unit: 'changes' });
    await delay(INTERVAL_MS, undefined, { signal: ports.signal });
  }
  const log = await lastWords(after, ports);
  throw new PlatformError(
    'health-failed',
    `${name}: GET ${target} answered ${last.status === 0 ? 'nothing' : last.status} for ${timeoutMs / 1000} s` +
      ` (${last.body.slice(0, 200)}).${log}`,
  );
}

/** What the service last wrote, where that can be read; the failure to read it must not hide the failure itself. */
async function lastWords(
  { runtime, container, logFile }: NonNullable<CheckHealth['after']>,
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
