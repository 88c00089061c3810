import type { Finding } from '../../../contracts/plan.ts';
import type { Column, Constraint } from '../../catalog/catalog.ts';
import { findIn, type FindingRow } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { TargetFacts } from '../target.ts';

/** Columns and constraints of a kind that the target's PostgreSQL does not support. */
export const checkVersion = (input: PlanInput): Finding[] => [
  ...findIn(generatedColumns(input), virtualColumn(input.target)),
  ...findIn(constraintsOf(input), unknownConstraint(input.target)),
];

/** The first major with virtual generated columns, NOT NULL constraints that are NOT VALID, and PERIOD keys. */
const VERSION_18 = 180_000;

const majorOf = ({ version }: TargetFacts): number => Math.floor(version / 10_000);

interface GeneratedColumn {
  readonly name: string;
  readonly generated: Column['generated'];
}

const generatedColumns = ({ selection }: PlanInput): GeneratedColumn[] =>
  selection.tables.flatMap((table) =>
    table.columns.map(({ name, generated }) => ({ name: `${table.name}.${name}`, generated })),
  );

const virtualColumn = (target: TargetFacts): FindingRow<GeneratedColumn>[] => [
  {
    code: 'virtual-column',
    severity: 'error',
    when: ({ generated }) => target.version < VERSION_18 && generated === 'v',
    object: ({ name }) => name,
    message: ({ name }) =>
      `${name} is a virtual generated column, which the target (PostgreSQL ${majorOf(target)}) does not support`,
    remedy: () => 'Use PostgreSQL 18 for the target.',
  },
];

type NamedConstraint = Constraint & { readonly on: string };

const constraintsOf = ({ kept, graph }: PlanInput): NamedConstraint[] =>
  kept.constraints.map((constraint) => ({
    ...constraint,
    on: graph.relations.get(constraint.table ?? '')?.name ?? '',
  }));

const isUnvalidatedNotNull = ({ kind, validated }: Constraint): boolean => kind === 'n' && !validated;
const isNewKind = ({ period, definition }: Constraint): boolean =>
  period || /\bPERIOD\b.* REFERENCES | NOT ENFORCED$/.test(definition);

const unknownConstraint = (target: TargetFacts): FindingRow<NamedConstraint>[] => [
  {
    code: 'constraint-unknown',
    severity: 'error',
    when: (constraint) => target.version < VERSION_18 && isUnvalidatedNotNull(constraint),
    object: ({ name, on }) => `${name} ON ${on}`,
    message: ({ name }) =>
      `${name} is a NOT NULL constraint that is NOT VALID, which PostgreSQL ${majorOf(target)} does not support`,
    remedy: () => 'Use PostgreSQL 18 for the target, or validate the constraint.',
  },
  {
    code: 'constraint-unknown',
    severity: 'error',
    when: (constraint) =>
      target.version < VERSION_18 && isNewKind(constraint) && !isUnvalidatedNotNull(constraint),
    object: ({ name, on }) => `${name} ON ${on}`,
    message: ({ name }) => `${name} is of a kind that PostgreSQL ${majorOf(target)} does not support`,
    remedy: () => 'Use PostgreSQL 18 for the target.',
  },
];
