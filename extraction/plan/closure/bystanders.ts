import type { Finding } from '../../../contracts/plan.ts';
import type {
  Bystander,
  Constraint,
  FunctionObject,
  Index,
  Key,
  Relation,
  SequenceObject,
} from '../../catalog/catalog.ts';
import { findIn, type FindingRow } from '../findings.ts';
import { relationKey } from './graph.ts';
import type { Sides } from './sides.ts';

/** Objects that use selected tables but are not extracted, or are extracted with a difference. */
export const bystanderFindings = (sides: Sides, included: ReadonlySet<Key>): Finding[] => [
  ...findIn(functionsOutside(sides, included), FUNCTION),
  ...findIn(sharedSequences(sides, included), SEQUENCE),
  ...findIn(bystanders(sides), BYSTANDER),
  ...findIn(sides.catalog.indexes, invalidIndex(sides)),
  ...findIn(sides.catalog.constraints, notValid(sides)),
];

interface FunctionOutside extends FunctionObject {
  readonly touched: readonly string[];
}

function functionsOutside(sides: Sides, included: ReadonlySet<Key>): FunctionOutside[] {
  return sides.catalog.functions.flatMap((fn) => {
    const key: Key = `pg_proc:${fn.oid}`;
    if (included.has(key) || sides.catalog.members[key] !== undefined) return [];
    const touched = [...(sides.graph.uses.get(key) ?? [])]
      .filter((used) => used.startsWith('pg_class:') && sides.isInside(used.slice(9)))
      .map((used) => sides.nameOf(used.slice(9)));
    return [{ ...fn, touched }];
  });
}

const FUNCTION: readonly FindingRow<FunctionOutside>[] = [
  {
    code: 'function-left-behind',
    severity: 'warning',
    when: ({ touched }) => touched.length > 0,
    object: ({ identity }) => identity,
    message: ({ identity, touched }) =>
      `${identity} uses ${touched.join(', ')}, but no selected table needs it: it is not extracted`,
    remedy: () => 'Create it in the target if the service calls it.',
  },
];

interface SharedSequence extends SequenceObject {
  /** Tables outside whose defaults use it. */
  readonly users: readonly string[];
  /** The table outside that owns it. */
  readonly foreignOwner: string | null;
}

const sharedSequences = (sides: Sides, included: ReadonlySet<Key>): SharedSequence[] =>
  sides.catalog.sequences
    .filter((sequence) => included.has(relationKey(sequence.oid)))
    .map((sequence) => ({
      ...sequence,
      users: sides.catalog.relations
        .filter(({ oid }) => !sides.isInside(oid) && !included.has(relationKey(oid)))
        .filter((relation) => countsWith(sides, relation, sequence))
        .map((relation) => relation.name),
      foreignOwner: ownerOutside(sides, sequence),
    }));

const countsWith = ({ graph }: Sides, { columns }: Relation, { oid }: SequenceObject): boolean =>
  columns.some(
    ({ expressionOid }) =>
      expressionOid !== null &&
      graph.needs.get(`pg_attrdef:${expressionOid}`)?.has(relationKey(oid)) === true,
  );

function ownerOutside({ graph, isInside }: Sides, { ownedBy }: SequenceObject): string | null {
  const owner = graph.relations.get(ownedBy?.table ?? '');
  return owner === undefined || isInside(owner.oid) ? null : owner.name;
}

const usersOf = ({ users, foreignOwner }: Pick<SharedSequence, 'users' | 'foreignOwner'>): string[] => [
  ...new Set([...users, ...(foreignOwner === null ? [] : [foreignOwner])]),
];

const SEQUENCE: readonly FindingRow<SharedSequence>[] = [
  {
    code: 'sequence-shared',
    severity: 'warning',
    when: ({ users, foreignOwner }) => users.length > 0 || foreignOwner !== null,
    object: ({ name }) => name,
    message: ({ name, users, foreignOwner }) =>
      `Sequence ${name} is also used by ${usersOf({ users, foreignOwner }).join(', ')}, outside the selection: it is copied, and each database continues on its own${foreignOwner === null ? '' : '; in the target no column owns it'}`,
    remedy: () => 'If numbers must be unique across both databases, give each one its own range.',
  },
];

interface NearBystander extends Bystander {
  readonly touched: readonly string[];
}

const bystanders = (sides: Sides): NearBystander[] =>
  sides.catalog.bystanders.map((item) => ({
    ...item,
    touched: item.tables.filter((oid) => sides.isInside(oid)).map((oid) => sides.nameOf(oid)),
  }));

const BYSTANDER: readonly FindingRow<NearBystander>[] = [
  {
    code: 'publication',
    severity: 'warning',
    when: ({ kind, touched }) => kind === 'publication' && touched.length > 0,
    object: ({ name }) => name,
    message: ({ name, touched }) =>
      `Publication ${name} publishes ${touched.join(', ')}: it is not extracted`,
    remedy: () => 'Create a publication in the target if subscribers need it.',
  },
  {
    code: 'subscription',
    severity: 'warning',
    when: ({ kind, touched }) => kind === 'subscription' && touched.length > 0,
    object: ({ name }) => name,
    message: ({ name, touched }) =>
      `Subscription ${name} writes to ${touched.join(', ')}: it is not extracted`,
    remedy: () => 'Create a subscription in the target if it needs those rows.',
  },
  {
    code: 'event-trigger',
    severity: 'warning',
    when: ({ kind }) => kind === 'event trigger',
    object: ({ name }) => name,
    message: ({ name, detail }) =>
      `Event trigger ${name} (${detail}) belongs to the whole source database: it is not extracted`,
    remedy: () => 'Create it in the target if the service needs it.',
  },
  {
    code: 'security-label',
    severity: 'error',
    when: ({ kind, touched }) => kind === 'security label' && touched.length > 0,
    object: ({ name }) => name,
    message: ({ name, detail }) => `${name} carries a security label (${detail}) that cannot be carried over`,
    remedy: () => 'Remove the label, or leave the table out.',
  },
];

const invalidIndex = ({ graph, isInside }: Sides): FindingRow<Index>[] => [
  {
    code: 'index-invalid',
    severity: 'warning',
    when: ({ table, valid }) => isInside(table) && !valid && graph.relations.get(table)?.kind !== 'p',
    object: ({ name }) => name,
    message: ({ name }) =>
      `Index ${name} is invalid (a CREATE INDEX CONCURRENTLY that failed): it is left out`,
    remedy: () => 'Drop it or REINDEX it in the source.',
  },
];

const notValid = ({ isInside, nameOf }: Sides): FindingRow<Constraint>[] => [
  {
    code: 'constraint-not-valid',
    severity: 'info',
    when: ({ table, validated, kind }) => isInside(table) && !validated && kind !== 'n',
    object: ({ name, table }) => `${name} ON ${nameOf(table)}`,
    message: ({ name }) => `${name} is NOT VALID in the source and in the target`,
  },
];
