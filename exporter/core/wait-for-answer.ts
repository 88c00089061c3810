import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import type { Runtime } from '../../contracts/plan.ts';
import type { Ports } from './ports.ts';

/** What a healthy service answers. */
export const HEALTHY = '"status":"healthy"';

/** An address, and the answer that it must give. */
export interface Expected {
  /** Names the request in messages. */
  readonly name: string;
  readonly url: string;
  readonly status: number;
  /** Text that the body holds; white space between JSON tokens does not count. */
  readonly contains: string;
  /** Container whose last lines explain a failure (docker runtime). */
  readonly container: string;
}

/** The same with the time for it, and where to read why it failed. JSON, as a change holds it. */
export type Wait = Readonly<Expected> & {
  readonly timeoutMs: number;
  readonly logFile: string;
  readonly runtime: Runtime;
};

const INTERVAL_MS = 250;
const LOG_LINES = 15;

/** Requests the address until it gives the expected answer. @throws PlatformError `health-failed` when it does not in time */
export async function waitForAnswer(wait: Wait, ports: Ports): Promise<void> {
  const { name, url, timeoutMs } = wait;
  const deadline = performance.now() + timeoutMs;
  let last = { status: 0, body: 'no answer yet' };
  for (let attempt = 1; performance.now() < deadline; attempt += 1) {
    last = await ports.http.get(url);
    if (isExpected(last, wait)) return;
    ports.report.progress({ target: `${name} (attempt ${attempt})`, done: 0, total: 0, unit: 'changes' });
    await delay(INTERVAL_MS, undefined, { signal: ports.signal });
  }
  const log = await lastLogLines(wait, ports);
  throw new PlatformError(
    'health-failed',
    `${name}: GET ${url} answered ${last.status === 0 ? 'nothing' : last.status} for ${timeoutMs / 1000} s` +
      ` (${last.body.slice(0, 200)}).${log}`,
  );
}

/** Whether the address gives the expected answer now. */
export async function answers(expected: Expected, { http }: Pick<Ports, 'http'>): Promise<boolean> {
  return isExpected(await http.get(expected.url), expected);
}

const isExpected = (
  answer: { readonly status: number; readonly body: string },
  { status, contains }: Expected,
): boolean => answer.status === status && answer.body.replace(/\s*([:,{}])\s*/g, '$1').includes(contains);

/** The service's last log lines, where they can be read; a failure to read them must not hide the failure itself. */
async function lastLogLines({ runtime, container, logFile }: Wait, ports: Ports): Promise<string> {
  if (runtime === 'docker') {
    const state = await ports.containers.state(container).catch(() => null);
    if (state === null) return '';
    return `\nContainer ${container} is ${state.status} (${state.health}). Its last lines:\n${state.log}`;
  }
  const log = (await ports.files.readText(logFile))?.trimEnd().split('\n').slice(-LOG_LINES).join('\n') ?? '';
  return log === '' ? '' : `\nLast lines of ${logFile}:\n${log}`;
}
