import type { SequenceCopy } from '../plan/plan.ts';
import { readSequence, writeSequence, type SequenceState } from '../run/sequences.ts';
import type { Session } from '../run/session.ts';

/** A sequence that is further in the service than in the source, with its state in the service. */
export interface AdvancedSequence {
  readonly name: string;
  readonly state: SequenceState;
}

/** No sequence is ever set to an earlier number: each number is given out once. */
export async function findAdvanced(
  source: Session,
  service: Session,
  sequences: readonly SequenceCopy[],
): Promise<AdvancedSequence[]> {
  const found: AdvancedSequence[] = [];
  for (const { name, increment } of sequences) {
    const [current, state] = await Promise.all([readSequence(source, name), readSequence(service, name)]);
    if (isFurther(state, current, increment.startsWith('-'))) found.push({ name, state });
  }
  return found;
}

function isFurther(a: SequenceState, b: SequenceState, isDescending: boolean): boolean {
  const distance = BigInt(a.value) - BigInt(b.value);
  if (distance === 0n) return a.called && !b.called;
  return isDescending ? distance < 0n : distance > 0n;
}

/** Takes effect at once, even when the surrounding transaction rolls back: a gap in the numbers does no harm. */
export async function advanceSequences(
  source: Session,
  sequences: readonly AdvancedSequence[],
): Promise<void> {
  for (const { name, state } of sequences) await writeSequence(source, name, state);
}
