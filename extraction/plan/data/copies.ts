import type { Catalog, Oid, Relation } from '../../catalog/catalog.ts';
import { relationKey, type Graph } from '../closure/graph.ts';
import type { Selection } from '../closure/selection.ts';
import type { PlanInput } from '../input.ts';
import { obstacleToMembers } from '../target.ts';
import type { ExtractionPlan, SequenceCopy, TableCopy } from '../plan.ts';

/** Plans the data section: the tables and sequences to copy. */
export function planCopies(
  catalog: Catalog,
  graph: Graph,
  selection: Selection,
  { included, extensions, target }: Pick<PlanInput, 'included' | 'extensions' | 'target'>,
): Pick<ExtractionPlan, 'tables' | 'configuration' | 'sequences'> {
  const created = catalog.extensions.filter(
    (extension) => extensions.has(extension.oid) && obstacleToMembers(target, extension) === null,
  );
  const configuration = created.flatMap((extension) => extension.configuration);
  const tables = selection.tables
    .filter((table) => table.kind === 'r')
    .map((table) => copyOf(catalog, graph, table));
  const sequences = catalog.sequences
    .filter(({ oid }) => included.has(relationKey(oid)) || configuration.some((item) => item.oid === oid))
    .map((sequence): SequenceCopy => ({
      name: sequence.name,
      increment: sequence.increment,
      feeds: fedColumn(graph, selection, sequence),
    }));
  return {
    tables,
    configuration: configuration.flatMap(({ oid, condition }) => {
      const table = graph.relations.get(oid);
      return table === undefined ? [] : [{ ...copyOf(catalog, graph, table), largeObjects: [], condition }];
    }),
    sequences,
  };
}

function copyOf(catalog: Catalog, graph: Graph, table: Relation): TableCopy {
  const { name, columns, rows, bytes, pages } = table;
  const sent = columns.filter((column) => column.generated === '');
  return {
    name,
    into: loadingRoot(table, graph).name,
    columns: sent.map((column) => column.name),
    compared: columns.map((column) => column.name),
    key: keyOf(catalog, table),
    format: sent.every((column) => isPortable(graph, column.typeOid)) ? 'binary' : 'text',
    rows,
    bytes,
    pages,
    largeObjects: columns
      .filter((column) => holdsLargeObjects(graph, column.typeOid))
      .map((column) => column.name),
  };
}

/** Hashes of enums depend on their oids, which differ between databases, so such rows are loaded through the root. */
function loadingRoot(table: Relation, graph: Graph): Relation {
  let into = table;
  for (let at = table; at.isPartition;) {
    const parent = graph.relations.get(at.parents[0] ?? '');
    if (parent === undefined) break;
    if (parent.hashOnEnum) into = parent;
    at = parent;
  }
  return into;
}

/** Columns of the primary key, or of a unique constraint over NOT NULL columns. */
function keyOf(catalog: Catalog, table: Relation): string[] {
  const keys = catalog.constraints
    .filter((c) => c.table === table.oid && (c.kind === 'p' || c.kind === 'u') && !c.period)
    .sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'p' ? -1 : 1));
  for (const key of keys) {
    const columns = key.columnNumbers.map((n) => table.columns.find((column) => column.number === n));
    if (columns.every((column) => column?.notNull === true))
      return columns.map((column) => column?.name ?? '');
  }
  return [];
}

// Binary COPY sends the oids of these, which differ between databases. xml is parsed when it is received.
const OID_TYPES =
  /^(reg(class|collation|config|dictionary|namespace|oper|operator|proc|procedure|role|type)|xml|aclitem)$/;

/** True when the binary form of a type is valid in every database. */
function isPortable(graph: Graph, oid: Oid, seen = new Set<Oid>()): boolean {
  if (seen.has(oid)) return true;
  seen.add(oid);
  const type = graph.types.get(oid);
  if (type?.hasSend !== true) return false;
  const bare = type.name.replace(/^pg_catalog\./, '');
  if (OID_TYPES.test(bare)) return false;
  if (type.elementOf !== null) return isPortable(graph, type.elementOf, seen);
  if (type.baseType !== null) return isPortable(graph, type.baseType, seen);
  if (type.range !== null) return isPortable(graph, type.range.subtypeOid, seen);
  if (type.relation !== null) {
    const relation = graph.relations.get(type.relation);
    const columns = relation?.kind === 'c' || relation === undefined ? type.attributes : relation.columns;
    return columns.every((column) => isPortable(graph, column.typeOid, seen));
  }
  return true;
}

function holdsLargeObjects(graph: Graph, oid: Oid): boolean {
  const type = graph.types.get(oid);
  if (type === undefined) return false;
  return (
    type.name === 'pg_catalog.oid' || (type.baseType !== null && holdsLargeObjects(graph, type.baseType))
  );
}

function fedColumn(
  graph: Graph,
  selection: Selection,
  sequence: Catalog['sequences'][number],
): SequenceCopy['feeds'] {
  for (const table of selection.tables)
    for (const column of table.columns) {
      const owned = sequence.ownedBy?.table === table.oid && sequence.ownedBy.columnNumber === column.number;
      const used =
        column.expressionOid !== null &&
        graph.needs.get(`pg_attrdef:${column.expressionOid}`)?.has(relationKey(sequence.oid)) === true;
      if ((owned || used) && /^(bigint|integer|smallint|numeric.*)$/.test(column.type))
        return { table: table.name, column: column.name };
    }
  return null;
}
