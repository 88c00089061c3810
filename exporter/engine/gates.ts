import { GATES, type GateResult, type GateVerdict } from '../../contracts/gates.ts';
import type { Json } from '../../contracts/plan.ts';
import { keepWithJob } from './job-memory.ts';
import type { Run } from './run.ts';

/** Name of the verdicts among what is kept with the job: a resumed export knows what its predecessor has passed. */
const KEPT_AS = 'gates';

/** Writes down what became of a gate. The last word counts: what the pre-flight has asked is asked again later. */
export function noteGate(run: Run, verdict: GateVerdict): void {
  const others = verdictsOf(run).filter(({ gate }) => gate !== verdict.gate);
  // In its turn on the session. A lost connection shows itself in the journal, which is not optional; this is
  void keepWithJob(run, KEPT_AS, [...others, { ...verdict }]).catch(() => undefined);
}

/** Every gate with its outcome; those that nobody has run were not run for `reason`. */
export function gatesOf(run: Run, reason: string): readonly GateResult[] {
  const known = new Map(verdictsOf(run).map((verdict) => [verdict.gate, verdict]));
  return GATES.map((gate) => {
    const verdict = known.get(gate.gate) ?? {
      gate: gate.gate,
      outcome: 'not-run',
      detail:
        'runtime' in gate && run.plan !== null && run.plan.runtime !== gate.runtime ? NEEDS_IMAGES : reason,
    };
    return { step: gate.step, ...verdict };
  });
}

/** Puts the outcome of every gate into the run's document and, with the reasons for all that did not pass, on the terminal. */
export function closeGates(run: Run, reason: string): readonly GateResult[] {
  const gates = gatesOf(run, reason);
  run.result = { ...(run.result as object | undefined), gates };
  const count = (outcome: GateResult['outcome']): number => gates.filter((g) => g.outcome === outcome).length;
  const counts = [
    `${count('passed')} passed`,
    ...(count('failed') === 0 ? [] : [`${count('failed')} failed`]),
    ...(count('not-run') === 0 ? [] : [`${count('not-run')} not run`]),
  ];
  run.reporter.line(`Gates: ${counts.join(', ')}`);
  for (const { gate } of gates.filter((g) => g.outcome === 'failed'))
    run.reporter.tick('error', `${titleOf(gate)} failed`);
  const notRun = Map.groupBy(
    gates.filter((g) => g.outcome === 'not-run'),
    (g) => g.detail ?? '',
  );
  for (const [why, those] of notRun)
    run.reporter.tick('warning', `${those.map((g) => titleOf(g.gate)).join(', ')} not run: ${why}`);
  return gates;
}

const NEEDS_IMAGES = 'images are built, with npm ci inside, by --runtime=docker';

const titleOf = (name: string): string => GATES.find(({ gate }) => gate === name)?.title ?? name;

function verdictsOf({ remembered }: Run): readonly (GateVerdict & { readonly [key: string]: Json })[] {
  return (remembered[KEPT_AS] ?? []) as readonly (GateVerdict & { readonly [key: string]: Json })[];
}
