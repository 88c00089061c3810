import type { GateResult } from '../../../contracts/gates.ts';
import type { Plan } from '../../../contracts/plan.ts';

/** Why the rows of an export do not count as verified; `null` when they do, and for a tool without tables. */
export function verificationOf(
  { changes }: Pick<Plan, 'changes'>,
  result: Readonly<Record<string, unknown>> | null,
): string | null {
  if (!changes.some(({ kind }) => kind === 'copy-tables')) return null;
  const gates = (result?.['gates'] ?? []) as readonly GateResult[];
  const verdict = gates.find(({ gate }) => gate === 'verification');
  if (verdict?.outcome !== 'passed')
    return `the gate "verification" is ${verdict?.outcome ?? 'open'}${verdict?.detail === undefined ? '' : ` (${verdict.detail})`}`;
  if (typeof result?.['returnDiffers'] === 'string') return 'a rollback has found rows that differ';
  return null;
}
