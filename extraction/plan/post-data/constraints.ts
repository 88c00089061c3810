import type { Constraint } from '../../catalog/catalog.ts';
import type { Assembly } from '../assembly.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';

/** From this major on, a not-null constraint can be NOT VALID. */
const UNVALIDATED_NOT_NULLS = 180_000;

/** Constraints that read whole tables. */
export function addConstraints(assembly: Assembly): Statement[] {
  const { graph, kept, target, checks } = assembly;
  const kindOf = (oid: string | null): string => graph.relations.get(oid ?? '')?.kind ?? '';
  const isPartition = (oid: string | null): boolean => graph.relations.get(oid ?? '')?.isPartition === true;
  const exclusions = kept.constraints.filter((c) => c.kind === 'x' && c.index === null);
  const notNulls =
    target.version < UNVALIDATED_NOT_NULLS
      ? []
      : kept.constraints.filter((c) => c.kind === 'n' && !c.validated && c.isLocal);
  const foreignKeys = kept.constraints.filter((c) => c.kind === 'f' && c.parent === null);
  return [
    ...exclusions.flatMap((c) => addConstraint(assembly, c, true)),
    ...checks.deferred.flatMap((c) => addConstraint(assembly, c, c.noInherit || isPartition(c.table))),
    ...notNulls.flatMap((c) => addConstraint(assembly, c, false)),
    ...foreignKeys.flatMap((c) => addConstraint(assembly, c, kindOf(c.table) !== 'p')),
  ];
}

function addConstraint({ graph }: Assembly, constraint: Constraint, only: boolean): Statement[] {
  const table = graph.relations.get(constraint.table ?? '');
  if (table === undefined) return [];
  const referenced = graph.relations.get(constraint.refersTo ?? '');
  return [
    statement(
      `CONSTRAINT ${constraint.name} ON ${table.name}`,
      `ALTER TABLE ${only ? 'ONLY ' : ''}${table.name} ADD CONSTRAINT ${constraint.name} ${constraint.definition}`,
      { locks: [table.name, ...(referenced === undefined ? [] : [referenced.name])] },
    ),
  ];
}

/** Checks of domains that need their own domain. */
export const addDomainChecks = ({ objects }: Assembly): Statement[] =>
  [...objects.values()].flatMap(({ object, lateChecks }) =>
    lateChecks.map(({ name, definition }) =>
      statement(`CONSTRAINT ${name}`, `ALTER DOMAIN ${object.name} ADD CONSTRAINT ${name} ${definition}`),
    ),
  );
