import { GATES, type GateResult, type GateVerdict } from '../../contracts/gates.ts';
import type { Json, Runtime } from '../../contracts/plan.ts';
import type { Reporter } from '../core/reporter.ts';
import type { JobMemory } from './job-memory.ts';

/** Name of the verdicts in the job's memory: a resumed export knows which gates its predecessor has passed. */
const KEPT_AS = 'gates';

/** Records the verdict of a gate. The latest one counts: the preflight's verdict may be repeated later. */
export function noteGate(memory: JobMemory, verdict: GateVerdict): void {
  const others = verdictsOf(memory).filter(({ gate }) => gate !== verdict.gate);
  // Queued on the session. The verdict is optional; the journal is not, and reports a lost connection
  void memory.keep(KEPT_AS, [...others, { ...verdict }]).catch(() => undefined);
}

/** Every gate with its outcome. A gate without a verdict was not run, for `reason`. */
export function gatesOf(memory: JobMemory, runtime: Runtime | null, reason: string): readonly GateResult[] {
  const known = new Map(verdictsOf(memory).map((verdict) => [verdict.gate, verdict]));
  return GATES.map((gate) => {
    const otherRuntime = 'runtime' in gate && runtime !== null && runtime !== gate.runtime;
    const notRun = {
      gate: gate.gate,
      outcome: 'not-run',
      detail: otherRuntime ? NEEDS_IMAGES : reason,
    } as const;
    return { step: gate.step, ...(known.get(gate.gate) ?? notRun) };
  });
}

/**
 * Prints the count of each outcome and the gates that failed. Gates that were not run share one line with the reason of
 * most of them; the few of another reason are named.
 */
export function printGates(reporter: Reporter, gates: readonly GateResult[]): void {
  const of = (outcome: GateResult['outcome']): GateResult[] => gates.filter((g) => g.outcome === outcome);
  const [failed, notRun] = [of('failed'), of('not-run')];
  const [main, ...others] = [...Map.groupBy(notRun, (g) => g.detail ?? '')].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  const counts = [
    `${of('passed').length} passed`,
    ...(failed.length === 0 ? [] : [`${failed.length} failed`]),
    ...(main === undefined ? [] : [`${notRun.length} not run: ${main[0]}`]),
  ];
  reporter.line(`Gates: ${counts.join(', ')}`);
  for (const { gate } of failed) reporter.tick('error', `${titleOf(gate)} failed`);
  for (const [why, those] of others)
    reporter.tick('warning', `${those.map((g) => titleOf(g.gate)).join(', ')} not run: ${why}`);
}

const NEEDS_IMAGES = 'only --runtime=docker builds images';

const titleOf = (name: string): string => GATES.find(({ gate }) => gate === name)?.title ?? name;

type KeptVerdict = GateVerdict & { readonly [key: string]: Json };

const verdictsOf = (memory: JobMemory): readonly KeptVerdict[] =>
  (memory.get(KEPT_AS) ?? []) as readonly KeptVerdict[];
