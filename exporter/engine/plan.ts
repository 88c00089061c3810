import { createHash } from 'node:crypto';
import type { Change, Finding, Json, Plan } from '../../contracts/plan.ts';
import type { Facts } from '../core/facts.ts';
import { PIPELINE } from '../pipeline.ts';

/** Every problem that any step sees in the facts, in the order of the steps. */
export function checkAll(facts: Facts): readonly Finding[] {
  return PIPELINE.flatMap((step) => step.check(facts));
}

/** The plan that follows from the facts. Pure: the same facts give the same plan with the same digest. */
export function makePlan(facts: Facts): Plan {
  const body = {
    toolId: facts.manifest.id,
    runtime: facts.runtime,
    cutover: facts.cutover,
    commit: facts.preflight.commit,
    changes: PIPELINE.flatMap((step) => step.plan(facts)),
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

/** One line for a change, as lists and `--json` show it. */
export function summaryOf(change: Change): string {
  return `${change.kind} ${change.target}`;
}
