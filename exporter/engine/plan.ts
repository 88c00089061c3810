import { createHash } from 'node:crypto';
import type { Change, Finding, Json, Plan } from '../../contracts/plan.ts';
import type { SharedFacts } from '../core/facts.ts';
import type { ReadPorts } from '../core/ports.ts';
import { planStep, type Step } from '../core/step.ts';

/** A step with the facts that it has read. */
export interface ReadStep {
  readonly step: Step;
  readonly facts: SharedFacts;
}

/**
 * The facts of every step, in the order of the steps. They are read from the last to the first: the compilers that
 * inspect code block the event loop for seconds, in which a server's answer would be taken for silence.
 */
export async function readSteps(
  steps: readonly Step[],
  shared: SharedFacts,
  ports: ReadPorts,
): Promise<readonly ReadStep[]> {
  const read: ReadStep[] = [];
  for (const step of steps.toReversed()) read.unshift({ step, facts: await step.read(shared, ports) });
  return read;
}

/** Every problem that any step finds in its facts, in the order of the steps. */
export function checkSteps(read: readonly ReadStep[]): readonly Finding[] {
  const carried = read.flatMap(({ step, facts }) => step.carries?.(facts) ?? []);
  return read.flatMap(({ step, facts }) => step.check(facts, carried));
}

/** The plan that follows from the facts. Pure: the same facts give the same plan with the same digest. */
export function makePlan(shared: SharedFacts, read: readonly ReadStep[]): Plan {
  const body = {
    toolId: shared.manifest.id,
    runtime: shared.runtime,
    cutover: shared.cutover,
    commit: shared.preflight.commit,
    changes: read.flatMap(({ step, facts }) => planStep(step, facts)),
  };
  return deepFreeze({ ...body, digest: digestOf(body) });
}

function digestOf(body: Omit<Plan, 'digest'>): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

/** JSON with the keys of every object in order, so that equal values have equal texts (in the spirit of RFC 8785). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/** One line for a change, in lists and in `--json`. */
export function summaryOf(change: Change): string {
  return `${change.kind} ${change.target}`;
}
