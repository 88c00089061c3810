import type { Finding } from '../../../contracts/plan.ts';
import type { Constraint, Relation } from '../../catalog/catalog.ts';
import { nameOf, setOwner, type Assembly } from '../assembly.ts';
import { knownTablespace } from '../create-statements.ts';
import {
  alterColumns,
  attachPartition,
  columnText,
  createTable,
  setDefault,
  type TableDefinition,
} from '../ddl/tables.ts';
import { finding } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { Statement } from '../plan.ts';
import { dropOf, statement, statements } from '../statement.ts';

/** From this major on, both servers name their not-null constraints. */
const NAMED_NOT_NULLS = 180_000;

export function createTableStatements(assembly: Assembly, table: Relation): Statement[] {
  const address = `TABLE ${table.name}`;
  return [
    statement(address, createTable(definitionOf(assembly, table)), { undo: dropOf(address) }),
    setOwner(address, assembly.owners.ownerOf(table.owner)),
  ];
}

export function attachPartitions({ selection, graph }: PlanInput): Statement[] {
  return selection.tables
    .filter((table) => table.isPartition)
    .map((table) => {
      const parent = graph.relations.get(table.parents[0] ?? '')?.name ?? '';
      return statement(`PARTITION ${table.name}`, attachPartition(parent, table));
    });
}

/** Columns and checks of tables that are created column by column. */
export function addColumns(assembly: Assembly): Statement[] {
  const { columnOrder, selection, checks } = assembly;
  const columns = columnOrder.added.map(({ table, column }) => {
    const definition = { ...definitionOf(assembly, table), relation: table, stepwise: true };
    return statement(
      `COLUMN ${table.name}.${column.name}`,
      `ALTER TABLE ${table.name} ADD COLUMN ${columnText(column, definition)}`,
    );
  });
  const stepwise = selection.tables.filter((table) => columnOrder.stepwise.has(table.oid));
  return [
    ...columns,
    ...stepwise.flatMap((table) =>
      (checks.inline.get(table.oid) ?? []).map((check) => addCheck(table, check)),
    ),
  ];
}

const addCheck = (table: Relation, { name, noInherit, definition }: Constraint): Statement =>
  statement(
    `CONSTRAINT ${name} ON ${table.name}`,
    `ALTER TABLE ${noInherit ? 'ONLY ' : ''}${table.name} ADD CONSTRAINT ${name} ${definition}`,
  );

/** Runs when all columns exist: children copy the settings of their parents at the moment of creation. */
export function setColumnOptions(assembly: Assembly): Statement[] {
  return assembly.selection.tables.flatMap((table) =>
    statements(`TABLE ${table.name}`, alterColumns({ ...definitionOf(assembly, table), relation: table })),
  );
}

export function setDefaults({ selection }: PlanInput): Statement[] {
  return selection.tables.flatMap((table) =>
    table.columns
      .filter((column) => column.expression !== null && column.generated === '')
      .map((column) => statement(`DEFAULT ${table.name}.${column.name}`, setDefault(table, column))),
  );
}

function definitionOf(assembly: Assembly, relation: Relation): TableDefinition {
  const { columnOrder, checks, target } = assembly;
  const isStepwise = columnOrder.stepwise.has(relation.oid);
  const notNulls = assembly.kept.constraints.filter((c) => c.kind === 'n' && c.table === relation.oid);
  const named = target.version < NAMED_NOT_NULLS ? [] : notNulls.filter((c) => c.validated);
  return {
    relation: {
      ...relation,
      tablespace: knownTablespace(assembly, relation.tablespace),
      columns: isStepwise ? [] : relation.columns,
    },
    inherits: relation.isPartition ? [] : relation.parents.map((oid) => nameOf(assembly, oid)),
    checks: isStepwise ? [] : (checks.inline.get(relation.oid) ?? []),
    notNulls: new Map(named.map((c) => [c.columnNumbers[0] ?? 0, c])),
    unvalidated: new Set(notNulls.filter((c) => !c.validated).flatMap((c) => c.columnNumbers)),
    targetVersion: target.version,
  };
}

export const columnOrderFindings = ({ columnOrder }: Assembly): Finding[] =>
  columnOrder.impossible.map((table) =>
    finding({
      severity: 'warning',
      code: 'column-order',
      object: table.name,
      message: `The columns of ${table.name} and of the tables that it inherits from contradict each other in their order: in the target those of its parents come first`,
      remedy: 'Name columns in statements that rely on their order.',
    }),
  );
