import { durationOf, type PhaseRule } from '../../test/support/load/promises.ts';
import type { Answer } from '../../test/support/load/traffic.ts';

/** What a phase of the load was like. Times in milliseconds. */
export interface PhaseNumbers {
  readonly phase: string;
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** `POST create (gateway): 503 (...)`, and how many of it. Without 2xx. */
  readonly others: Readonly<Record<string, number>>;
  /** From the first to the last request that was not answered with 2xx: of all, and of those that only read. */
  readonly disturbedMs: number;
  readonly readsDisturbedMs: number;
}

export function numbersOf(rules: readonly PhaseRule[], answers: readonly Answer[]): readonly PhaseNumbers[] {
  return rules.map(({ phase }) => {
    const ofPhase = answers.filter((answer) => answer.phase === phase);
    const times = ofPhase.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (part: number): number => Math.round(times[Math.floor((times.length - 1) * part)] ?? 0);
    const bad = ofPhase.filter(({ status }) => status < 200 || status >= 300);
    const others: Record<string, number> = {};
    for (const { method, name, address, status, error = '' } of bad) {
      const key = `${method} ${name} (${address}): ${status} (${error})`;
      others[key] = (others[key] ?? 0) + 1;
    }
    return {
      phase,
      requests: ofPhase.length,
      p50: at(0.5),
      p99: at(0.99),
      longest: at(1),
      others,
      disturbedMs: Math.round(durationOf(bad)),
      readsDisturbedMs: Math.round(durationOf(bad.filter(({ method }) => method === 'GET'))),
    };
  });
}
