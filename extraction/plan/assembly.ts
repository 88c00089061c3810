import type { Key, Oid, SchemaObject } from '../catalog/catalog.ts';
import type { CreateStatement } from './create-statements.ts';
import type { PlanInput } from './input.ts';
import type { Owners } from './owners.ts';
import type { Finding } from '../../contracts/plan.ts';
import type { Statement } from './plan.ts';
import type { Checks } from './pre-data/checks.ts';
import type { ColumnOrder } from './pre-data/column-order.ts';
import { statement, statements } from './statement.ts';
import { createShell } from './ddl/views.ts';

/** The plan input with every decision that more than one section of the plan follows. */
export interface Assembly extends PlanInput {
  readonly owners: Owners;
  /** Objects that are not tables, by key. */
  readonly objects: ReadonlyMap<Key, CreateStatement>;
  /** Keys of `objects` and tables, needs first. */
  readonly order: readonly Key[];
  /** Views that are created as shells, and replaced when everything else exists. */
  readonly shells: ReadonlySet<Key>;
  readonly checks: Checks;
  readonly columnOrder: ColumnOrder;
  readonly newSchemas: readonly SchemaObject[];
  /** Names of the schemas that hold an object of the plan. */
  readonly usedSchemas: ReadonlySet<string>;
}

/** Statements of one section, with what cannot be carried over. */
export interface Section {
  readonly statements: readonly Statement[];
  readonly findings: readonly Finding[];
}

/** Creates one object and sets its owner. */
export function createObject({ graph, owners, shells }: Assembly, item: CreateStatement): Statement[] {
  const shell = shells.has(item.key) ? graph.relations.get(item.object.oid) : undefined;
  const [first = '', ...rest] = item.create;
  return [
    statement(item.address, shell === undefined ? first : createShell(shell), { undo: item.drop }),
    ...statements(item.address, rest),
    ...(item.ownable ? [setOwner(item.address, owners.ownerOf(item.object.owner))] : []),
  ];
}

export const setOwner = (address: string, owner: string): Statement =>
  statement(`OWNER ${address}`, `ALTER ${address} OWNER TO ${owner}`);

export const nameOf = ({ graph }: PlanInput, oid: Oid | null): string =>
  graph.relations.get(oid ?? '')?.name ?? '';
