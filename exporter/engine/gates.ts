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

/** Prints the count of each outcome, the gates that failed, and those that were not run with the reason. */
export function printGates(reporter: Reporter, gates: readonly GateResult[]): void {
  const count = (outcome: GateResult['outcome']): number => gates.filter((g) => g.outcome === outcome).length;
  const counts = [
    `${count('passed')} passed`,
    ...(count('failed') === 0 ? [] : [`${count('failed')} failed`]),
    ...(count('not-run') === 0 ? [] : [`${count('not-run')} not run`]),
  ];
  reporter.line(`Gates: ${counts.join(', ')}`);
  for (const { gate } of gates.filter((g) => g.outcome === 'failed'))
    reporter.tick('error', `${titleOf(gate)} failed`);
  const notRun = Map.groupBy(
    gates.filter((g) => g.outcome === 'not-run'),
    (g) => g.detail ?? '',
  );
  for (const [why, those] of notRun)
    reporter.tick('warning', `${those.map((g) => titleOf(g.gate)).join(', ')} not run: ${why}`);
}

const NEEDS_IMAGES = 'only --runtime=docker builds images';

const titleOf = (name: string): string => GATES.find(({ gate }) => gate === name)?.title ?? name;

type KeptVerdict = GateVerdict & { readonly [key: string]: Json };

const verdictsOf = (memory: JobMemory): readonly KeptVerdict[] =>
  (memory.get(KEPT_AS) ?? []) as readonly KeptVerdict[];
