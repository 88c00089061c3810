import type { Finding } from '../../../contracts/plan.ts';
import { findIn, type FindingRow } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { ExtractionPlan, Statement } from '../plan.ts';
import type { TargetFacts } from '../target.ts';

/** Objects that the target already has. */
export const checkObjects = (input: PlanInput, plan: ExtractionPlan): Finding[] => [
  ...findIn(createdObjects(plan), existingObject(input.target)),
  ...findIn(otherRelations(input, plan), existingRelation(input.target)),
];

/** The name in an id such as `TABLE app.items`. */
export const withoutKind = (id: string): string => id.replace(/^\S+ /, '');

/** The name of a created object as `TargetFacts.existing` lists it. */
const existingName = ({ id }: Statement): string =>
  id
    .replace(/^(TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE) /, 'relation ')
    .replace(/^(FUNCTION|PROCEDURE|AGGREGATE) /, 'function ')
    .replace(/^(TYPE|DOMAIN) /, 'type ');

const createdObjects = (plan: ExtractionPlan): Statement[] =>
  plan.before.filter((statement) => statement.undo !== '');

const existingObject = ({ existing }: TargetFacts): FindingRow<Statement>[] => [
  {
    code: 'target-exists',
    severity: 'error',
    when: (created) => existing.includes(existingName(created)),
    object: ({ id }) => withoutKind(id),
    message: (created) => `The target already has ${existingName(created)}`,
    remedy: ({ id }) => `Use an empty database, or drop the object first: DROP ${id};`,
  },
];

/** Sequences and views that no pre-data statement of their own creates. */
function otherRelations({ target, boundary }: PlanInput, plan: ExtractionPlan): string[] {
  const reported = createdObjects(plan)
    .filter((created) => target.existing.includes(existingName(created)))
    .map(({ id }) => withoutKind(id));
  return [...plan.sequences, ...boundary.views]
    .map((relation) => relation.name)
    .filter((name) => !reported.includes(name));
}

const existingRelation = ({ existing }: TargetFacts): FindingRow<string>[] => [
  {
    code: 'target-exists',
    severity: 'error',
    when: (name) => existing.includes(`relation ${name}`),
    object: (name) => name,
    message: (name) => `The target already has relation ${name}`,
    remedy: () => 'Use an empty database, or drop the object first.',
  },
];
