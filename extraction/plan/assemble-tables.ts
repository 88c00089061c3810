import type { Finding } from '../../contracts/plan.ts';
import type { Constraint, Key, Oid, Relation } from '../catalog/catalog.ts';
import { reach, relationKey } from './closure/graph.ts';
import { addIdentity } from './ddl/sequences.ts';
import {
  alterColumns,
  attachPartition,
  columnText,
  createTable,
  setDefault,
  type TableParts,
} from './ddl/tables.ts';
import type { Owners } from './owners.ts';
import type { Parts } from './parts.ts';
import type { Statement } from './plan.ts';
import { statement } from './assemble.ts';
import { orderColumns } from './column-order.ts';
import { finding } from './findings.ts';
import { dropOf, knownTablespace, type Made } from './things.ts';

/** Tables before their rows: structure, checks, attached partitions, identities, defaults. */
export function assembleTables(
  parts: Parts,
  owners: Owners,
  made: ReadonlyMap<Key, Made>,
): {
  create(table: Relation): Statement[];
  finish(): Statement[];
  /** Needs as the order must follow them: those of a table include those of the checks inside it. */
  edges: ReadonlyMap<Key, ReadonlySet<Key>>;
  deferredChecks: readonly Constraint[];
  findings: readonly Finding[];
} {
  const { catalog, graph, selection, kept } = parts;
  const inline = new Map<Oid, Constraint[]>();
  const deferredChecks: Constraint[] = [];
  const edges = new Map<Key, Set<Key>>([...graph.needs].map(([key, needs]) => [key, new Set(needs)]));
  for (const check of kept.constraints) {
    if (check.kind !== 'c' || check.table === null) continue;
    const table = graph.relations.get(check.table);
    if (table === undefined) continue;
    if (!check.isLocal && !table.isPartition) continue; // comes with its parent's
    const needs = reach(graph.uses, [`pg_constraint:${check.oid}`], () => false);
    const functionNeeds = [...needs].filter((key) => key.startsWith('pg_proc:') && parts.included.has(key));
    // A function that reads tables, or that takes the table's own row, works only once the rows are there.
    const readsTables = functionNeeds.some((key) => [...reach(graph.uses, [key], () => false)].some((k) => k.startsWith('pg_class:')));
    if (!check.validated || readsTables) {
      if (check.isLocal) deferredChecks.push(check);
      continue;
    }
    inline.set(check.table, [...(inline.get(check.table) ?? []), check]);
    for (const key of functionNeeds) addEdge(edges, relationKey(check.table), key);
  } // prettier-ignore
  for (const item of made.values())
    for (const check of item.inside)
      for (const need of graph.needs.get(`pg_constraint:${check.oid}`) ?? [])
        if (need !== item.key) addEdge(edges, item.key, need);
  for (const table of selection.tables)
    for (const column of table.columns)
      if (column.generated !== '' && column.expressionOid !== null)
        for (const key of graph.needs.get(`pg_attrdef:${column.expressionOid}`) ?? [])
          if (key.startsWith('pg_proc:')) addEdge(edges, relationKey(table.oid), key);

  const order = orderColumns(selection.tables);
  const isStepwise = (relation: Relation): boolean => order.stepwise.has(relation.oid);

  const partsOf = (relation: Relation): TableParts => ({
    relation: {
      ...relation,
      tablespace: knownTablespace(parts, relation.tablespace),
      columns: isStepwise(relation) ? [] : relation.columns,
    },
    inherits: relation.isPartition ? [] : relation.parents.map((oid) => graph.relations.get(oid)?.name ?? ''),
    checks: isStepwise(relation) ? [] : (inline.get(relation.oid) ?? []),
    notNulls: new Map(
      parts.target.version < 180_000
        ? []
        : kept.constraints.flatMap((c) => (c.kind === 'n' && c.table === relation.oid && c.validated ? [[c.columnNumbers[0] ?? 0, c] as const] : [])),
    ),
    unvalidated: new Set(kept.constraints.flatMap((c) => (c.kind === 'n' && c.table === relation.oid && !c.validated ? c.columnNumbers : []))),
    targetVersion: parts.target.version,
  }); // prettier-ignore

  function create(table: Relation): Statement[] {
    const tableParts = partsOf(table);
    return [
      statement(`TABLE ${table.name}`, createTable(tableParts), { undo: dropOf(`TABLE ${table.name}`) }),
      statement(
        `OWNER TABLE ${table.name}`,
        `ALTER TABLE ${table.name} OWNER TO ${owners.ownerOf(table.owner)}`,
      ),
    ];
  }

  function finish(): Statement[] {
    const found: Statement[] = [];
    for (const table of selection.tables)
      if (table.isPartition) {
        const parent = graph.relations.get(table.parents[0] ?? '')?.name ?? '';
        found.push(statement(`PARTITION ${table.name}`, attachPartition(parent, table)));
      }
    for (const { table, column } of order.added)
      found.push(
        statement(
          `COLUMN ${table.name}.${column.name}`,
          `ALTER TABLE ${table.name} ADD COLUMN ${columnText(column, { ...partsOf(table), relation: table, stepwise: true })}`,
        ),
      );
    for (const table of selection.tables)
      if (isStepwise(table))
        for (const check of inline.get(table.oid) ?? [])
          found.push(
            statement(
              `CONSTRAINT ${check.name} ON ${table.name}`,
              `ALTER TABLE ${check.noInherit ? 'ONLY ' : ''}${table.name} ADD CONSTRAINT ${check.name} ${check.definition}`,
            ),
          );
    // children copy what their parents have at that moment: columns are altered when all of them are there
    for (const table of selection.tables)
      for (const sql of alterColumns({ ...partsOf(table), relation: table }))
        found.push(statement(`TABLE ${table.name}`, sql));
    for (const sequence of catalog.sequences) {
      const table = sequence.ownedBy === null ? undefined : graph.relations.get(sequence.ownedBy.table);
      if (sequence.ownedBy === null || table === undefined || !selection.oids.has(table.oid)) continue;
      const column = table.columns.find((item) => item.number === sequence.ownedBy?.columnNumber);
      if (sequence.ownedBy.identity && column !== undefined) {
        found.push(statement(`IDENTITY ${sequence.name}`, addIdentity(table.name, column, sequence)));
        if (sequence.persistence !== table.persistence)
          found.push(statement(`SEQUENCE ${sequence.name}`, `ALTER SEQUENCE ${sequence.name} SET ${sequence.persistence === 'u' ? 'UNLOGGED' : 'LOGGED'}`));
      } else
        found.push(statement(`OWNED ${sequence.name}`, `ALTER SEQUENCE ${sequence.name} OWNED BY ${table.name}.${sequence.ownedBy.column}`));
    } // prettier-ignore
    for (const table of selection.tables)
      for (const column of table.columns)
        if (column.expression !== null && column.generated === '')
          found.push(statement(`DEFAULT ${table.name}.${column.name}`, setDefault(table, column)));
    return found;
  }
  const findings = order.impossible.map((table) =>
    finding({ severity: 'warning', code: 'column-order', object: table.name, message: `The columns of ${table.name} and of the tables that it inherits from contradict each other in their order: in the target those of its parents come first`, remedy: 'Name columns in statements that rely on their order.' }),
  ); // prettier-ignore
  return { create, finish, edges, deferredChecks, findings };
}

function addEdge(edges: Map<Key, Set<Key>>, from: Key, to: Key): void {
  const set = edges.get(from);
  if (set === undefined) edges.set(from, new Set([to]));
  else set.add(to);
}
