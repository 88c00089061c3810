import { createHash } from 'node:crypto';
import type { ExtractionPlan } from '../plan/plan.ts';

/** Digest of the parts of a plan that must not change before its execution: statements and columns, not estimates. */
export function digestOf(plan: ExtractionPlan): string {
  const { before, indexes, constraints, after, sequences } = plan;
  const tables = plan.tables.map(({ name, into, columns, compared, format }) => ({
    name,
    into,
    columns,
    compared,
    format,
  }));
  return createHash('sha256')
    .update(JSON.stringify({ before, indexes, constraints, after, sequences, tables }))
    .digest('hex');
}
