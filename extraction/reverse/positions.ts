import type { SequenceCopy } from '../plan/plan.ts';
import { readSequence, writeSequence, type SequenceState } from '../run/sequences.ts';
import type { Session } from '../run/session.ts';

/** A sequence that the service has counted on, and where it stands there. */
export interface Advanced {
  readonly name: string;
  readonly state: SequenceState;
}

/** Sequences that are further in the service than in the source. None is ever set back: a number is given out once. */
export async function findAdvanced(
  source: Session,
  service: Session,
  sequences: readonly SequenceCopy[],
): Promise<Advanced[]> {
  const found: Advanced[] = [];
  for (const { name, increment } of sequences) {
    const [here, there] = await Promise.all([readSequence(source, name), readSequence(service, name)]);
    if (isFurther(there, here, increment.startsWith('-'))) found.push({ name, state: there });
  }
  return found;
}

function isFurther(a: SequenceState, b: SequenceState, down: boolean): boolean {
  const distance = BigInt(a.value) - BigInt(b.value);
  if (distance === 0n) return a.called && !b.called;
  return down ? distance < 0n : distance > 0n;
}

/** Takes effect at once and stays, even if the transaction around it does not: a gap in the numbers does no harm. */
export async function advance(source: Session, sequences: readonly Advanced[]): Promise<void> {
  for (const { name, state } of sequences) await writeSequence(source, name, state);
}
