import { createHash } from 'node:crypto';
import type { ExtractionPlan } from '../plan/plan.ts';

/** What must not have changed between the plan and its execution: the statements and the columns, not the estimates. */
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
