import type { Answer } from './traffic.ts';
import type { Audit } from './ledger.ts';

/** What a phase of the load may answer besides 2xx. */
export interface PhaseRule {
  readonly phase: string;
  /** Writes may be refused with 503 and `Retry-After`. */
  readonly fenced?: boolean;
  /** Most requests that may fail: those in progress when a process was killed. */
  readonly failures?: number;
  /** The only instance was killed: requests may be answered with 502 and `Retry-After` for so many milliseconds. */
  readonly outageMs?: number;
}

/** Every broken promise, one line each; empty when all were kept. */
export function brokenPromises(
  rules: readonly PhaseRule[],
  answers: readonly Answer[],
  audited: Audit | null = null,
): readonly string[] {
  return [
    ...rules.flatMap((rule) =>
      brokenIn(
        rule,
        answers.filter(({ phase }) => phase === rule.phase),
      ),
    ),
    ...(audited === null ? [] : lines('acknowledged writes are lost', audited.lost)),
    ...(audited === null ? [] : lines('writes are stored twice', audited.doubled)),
    ...(audited === null ? [] : lines('refused writes are stored', audited.stored)),
  ];
}

function brokenIn(
  { phase, fenced = false, failures = 0, outageMs = 0 }: PhaseRule,
  answers: readonly Answer[],
): string[] {
  const isFenced = ({ status, retryAfter, method }: Answer): boolean =>
    fenced && status === 503 && retryAfter && method !== 'GET';
  const isAway = ({ status, retryAfter }: Answer): boolean => outageMs > 0 && status === 502 && retryAfter;
  const bad = answers.filter((answer) => (answer.status < 200 || answer.status >= 400) && !isFenced(answer));
  const away = bad.filter(isAway);
  const failed = bad.filter((answer) => !isAway(answer));
  const outage = durationOf(away);
  return [
    ...(answers.some(({ status }) => status === 200) ? [] : [`${phase}: no request was answered with 200`]),
    ...(outage > outageMs
      ? [`${phase}: the service was away for ${Math.round(outage)} ms, of at most ${outageMs} ms`]
      : []),
    ...(failed.length > failures
      ? [`${phase}: ${failed.length} requests failed, of at most ${failures}`]
      : []),
  ];
}

/** From the first to the last of them in milliseconds. */
export function durationOf(answers: readonly Answer[]): number {
  if (answers.length === 0) return 0;
  return Math.max(...answers.map(({ at, ms }) => at + ms)) - Math.min(...answers.map(({ at }) => at));
}

const SHOWN = 10;

const lines = (what: string, faults: readonly string[]): string[] =>
  faults.length === 0 ? [] : [`${faults.length} ${what}: ${faults.slice(0, SHOWN).join('; ')}`];
