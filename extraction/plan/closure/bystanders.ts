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
import type { Line } from './line.ts';

/** Objects near the selected tables that are not part of the plan, or only in part. */
export const bystanderFindings = (line: Line, included: ReadonlySet<Key>): Finding[] => [
  ...findIn(functionsOutside(line, included), FUNCTION),
  ...findIn(sharedSequences(line, included), SEQUENCE),
  ...findIn(bystanders(line), BYSTANDER),
  ...findIn(line.catalog.indexes, invalidIndex(line)),
  ...findIn(line.catalog.constraints, notValid(line)),
];

interface FunctionOutside extends FunctionObject {
  readonly touched: readonly string[];
}

function functionsOutside(line: Line, included: ReadonlySet<Key>): FunctionOutside[] {
  return line.catalog.functions.flatMap((fn) => {
    const key: Key = `pg_proc:${fn.oid}`;
    if (included.has(key) || line.catalog.members[key] !== undefined) return [];
    const touched = [...(line.graph.uses.get(key) ?? [])]
      .filter((used) => used.startsWith('pg_class:') && line.isInside(used.slice(9)))
      .map((used) => line.nameOf(used.slice(9)));
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
      `${identity} touches ${touched.join(', ')} and is needed by nothing that moves: it stays behind`,
    remedy: () => 'Move it by hand if the service calls it.',
  },
];

interface SharedSequence extends SequenceObject {
  /** Tables outside whose defaults use it. */
  readonly users: readonly string[];
  /** The table outside that owns it. */
  readonly foreignOwner: string | null;
}

const sharedSequences = (line: Line, included: ReadonlySet<Key>): SharedSequence[] =>
  line.catalog.sequences
    .filter((sequence) => included.has(relationKey(sequence.oid)))
    .map((sequence) => ({
      ...sequence,
      users: line.catalog.relations
        .filter((relation) => !line.isInside(relation.oid) && countsWith(line, relation, sequence))
        .map((relation) => relation.name),
      foreignOwner: ownerOutside(line, sequence),
    }));

const countsWith = ({ graph }: Line, { columns }: Relation, { oid }: SequenceObject): boolean =>
  columns.some(
    ({ expressionOid }) =>
      expressionOid !== null &&
      graph.needs.get(`pg_attrdef:${expressionOid}`)?.has(relationKey(oid)) === true,
  );

function ownerOutside({ graph, isInside }: Line, { ownedBy }: SequenceObject): string | null {
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
      `Sequence ${name} is also used by ${usersOf({ users, foreignOwner }).join(', ')}, which stays behind: it is copied, and from then on each side counts for itself${foreignOwner === null ? '' : '; in the target no column owns it'}`,
    remedy: () => 'Where numbers must stay unique across both, give each side its own range.',
  },
];

interface NearBystander extends Bystander {
  readonly touched: readonly string[];
}

const bystanders = (line: Line): NearBystander[] =>
  line.catalog.bystanders.map((item) => ({
    ...item,
    touched: item.tables.filter((oid) => line.isInside(oid)).map((oid) => line.nameOf(oid)),
  }));

const BYSTANDER: readonly FindingRow<NearBystander>[] = [
  {
    code: 'publication',
    severity: 'warning',
    when: ({ kind, touched }) => kind === 'publication' && touched.length > 0,
    object: ({ name }) => name,
    message: ({ name, touched }) =>
      `Publication ${name} sends ${touched.join(', ')}: it stays in the source, and the target is in no publication`,
    remedy: () => 'Publish the target anew if subscribers need it.',
  },
  {
    code: 'subscription',
    severity: 'warning',
    when: ({ kind, touched }) => kind === 'subscription' && touched.length > 0,
    object: ({ name }) => name,
    message: ({ name, touched }) =>
      `Subscription ${name} fills ${touched.join(', ')}: it stays in the source, and the target receives nothing from it`,
    remedy: () => 'Subscribe the target anew if it needs those rows.',
  },
  {
    code: 'event-trigger',
    severity: 'warning',
    when: ({ kind }) => kind === 'event trigger',
    object: ({ name }) => name,
    message: ({ name, detail }) =>
      `Event trigger ${name} (${detail}) belongs to the whole source database: it is not copied`,
    remedy: () => 'Create it in the target by hand if the service needs it.',
  },
  {
    code: 'security-label',
    severity: 'error',
    when: ({ kind, touched }) => kind === 'security label' && touched.length > 0,
    object: ({ name }) => name,
    message: ({ name, detail }) => `${name} carries a security label (${detail}) that cannot be carried over`,
    remedy: () => 'Remove the label, or move the table by hand.',
  },
];

const invalidIndex = ({ graph, isInside }: Line): FindingRow<Index>[] => [
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

const notValid = ({ isInside, nameOf }: Line): FindingRow<Constraint>[] => [
  {
    code: 'constraint-not-valid',
    severity: 'info',
    when: ({ table, validated, kind }) => isInside(table) && !validated && kind !== 'n',
    object: ({ name, table }) => `${name} ON ${nameOf(table)}`,
    message: ({ name }) => `${name} is NOT VALID in the source and stays so`,
  },
];
