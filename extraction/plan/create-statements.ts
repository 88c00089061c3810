import type {
  Catalog,
  Constraint,
  DatabaseObject,
  FunctionObject,
  Key,
  Relation,
  TypeObject,
} from '../catalog/catalog.ts';
import { reach, relationKey } from './closure/graph.ts';
import type { AclKind } from './ddl/acl.ts';
import { createFunction, functionWord } from './ddl/functions.ts';
import { createSequence } from './ddl/sequences.ts';
import { alterColumns } from './ddl/tables.ts';
import { createType, typeWord } from './ddl/types.ts';
import { createView } from './ddl/views.ts';
import type { PlanInput } from './input.ts';
import { functionsWithoutPath, pathOf } from './maintenance-path.ts';
import { dropOf } from './statement.ts';

/** How to create one object that is not a table, and how COMMENT, ALTER … OWNER and GRANT address it. */
export interface CreateStatement {
  readonly key: Key;
  readonly object: DatabaseObject;
  readonly create: readonly string[];
  readonly drop: string;
  /** `FUNCTION public.f(integer)` */
  readonly address: string;
  readonly ownable: boolean;
  readonly aclKind: AclKind | null;
  readonly aclName: string;
  /** Columns or attributes that can carry comments. */
  readonly columns: readonly { readonly number: number; readonly name: string }[];
  /** Constraints of a domain that its own statement holds. */
  readonly inlineChecks: readonly Constraint[];
  /** Constraints of a domain that are added once every object exists. */
  readonly lateChecks: readonly Constraint[];
}

type Described = Omit<CreateStatement, 'drop' | 'columns' | 'inlineChecks' | 'lateChecks'> &
  Partial<CreateStatement>;

/** Every object of the closure that has a statement of its own, by key. */
export function createStatements(input: PlanInput): Map<Key, CreateStatement> {
  const { catalog, included } = input;
  const described = [
    ...types(input),
    ...functions(input),
    ...catalog.plain.map(plainObject),
    ...sequences(input),
    ...views(input),
  ];
  const found = new Map<Key, CreateStatement>();
  for (const item of described)
    if (included.has(item.key))
      found.set(item.key, {
        drop: dropOf(item.address),
        columns: [],
        inlineChecks: [],
        lateChecks: [],
        ...item,
      });
  return found;
}

function types(input: PlanInput): Described[] {
  return input.catalog.types
    .filter((type) => type.elementOf === null && input.included.has(`pg_type:${type.oid}`))
    .map((type) => {
      const { inlineChecks, lateChecks } = domainChecks(input, type);
      return {
        key: `pg_type:${type.oid}`,
        object: type,
        create: [createType(type, inlineChecks)],
        address: `${typeWord(type)} ${type.name}`,
        ownable: true,
        aclKind: 'TYPE',
        aclName: type.name,
        columns: type.attributes,
        inlineChecks,
        lateChecks,
      };
    });
}

/** A check that needs its own domain, through the arguments of a function, is added when both exist. */
function domainChecks(
  { catalog, graph }: PlanInput,
  type: TypeObject,
): Pick<CreateStatement, 'inlineChecks' | 'lateChecks'> {
  const key: Key = `pg_type:${type.oid}`;
  const checks = catalog.constraints.filter((check) => check.domain === type.oid && check.kind === 'c');
  const isCircular = ({ oid }: Constraint): boolean => {
    const needs = [...(graph.uses.get(`pg_constraint:${oid}`) ?? [])].filter((need) => need !== key);
    return needs.includes(key) || reach(graph.uses, needs, () => false).has(key);
  };
  const inlineChecks = checks.filter((check) => check.validated && !isCircular(check));
  return { inlineChecks, lateChecks: checks.filter((check) => !inlineChecks.includes(check)) };
}

function functions(input: PlanInput): Described[] {
  const withoutPath = new Set(functionsWithoutPath(input));
  const setPath = (fn: FunctionObject): string =>
    `ALTER ${functionWord(fn)} ${fn.identity} SET search_path = ${pathOf(input).join(', ')}`;
  return input.catalog.functions.map((fn) => ({
    key: `pg_proc:${fn.oid}`,
    object: fn,
    create: [createFunction(fn), ...(withoutPath.has(fn) ? [setPath(fn)] : [])],
    address: `${functionWord(fn)} ${fn.identity}`,
    ownable: true,
    aclKind: 'FUNCTION',
    aclName: fn.kind === 'a' ? fn.identity.replace('(*)', '()') : fn.identity,
  }));
}

const plainObject = (item: Catalog['plain'][number]): Described => ({
  key: `${item.catalog}:${item.oid}`,
  object: item,
  create: item.statements,
  address: item.address,
  ownable: item.ownable,
  aclKind: null,
  aclName: '',
});

/** Sequences of identity columns are created with their column, when the table is selected. */
function sequences({ catalog, selection }: PlanInput): Described[] {
  return catalog.sequences
    .filter(({ ownedBy }) => ownedBy?.identity !== true || !selection.oids.has(ownedBy.table))
    .map((sequence) => ({
      key: relationKey(sequence.oid),
      object: sequence,
      create: [createSequence(sequence)],
      address: `SEQUENCE ${sequence.name}`,
      ownable: true,
      aclKind: 'SEQUENCE',
      aclName: sequence.name,
    }));
}

function views(input: PlanInput): Described[] {
  return input.catalog.relations
    .filter((relation) => relation.kind === 'v' || relation.kind === 'm')
    .map((view) => ({
      key: relationKey(view.oid),
      object: view,
      create: [
        createView({ ...view, tablespace: knownTablespace(input, view.tablespace) }),
        ...(view.kind === 'm' ? alterViewColumns(input, view) : []),
      ],
      address: `${view.kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW'} ${view.name}`,
      ownable: true,
      aclKind: 'TABLE',
      aclName: view.name,
      columns: view.columns,
    }));
}

const alterViewColumns = ({ target }: PlanInput, relation: Relation): string[] =>
  alterColumns({ relation, inherits: [], checks: [], notNulls: new Map(), targetVersion: target.version });

/** A tablespace of the same name on the target's server; otherwise the default one. */
export function knownTablespace({ target }: PlanInput, name: string | null): string | null {
  return name !== null && target.tablespaces.includes(name) ? name : null;
}
