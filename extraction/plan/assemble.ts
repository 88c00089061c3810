import type { Finding } from '../../contracts/plan.ts';
import type { Catalog, Key } from '../catalog/catalog.ts';
import type { Assembly } from './assembly.ts';
import { relationKey, sortByNeed } from './closure/graph.ts';
import { createStatements, type CreateStatement } from './create-statements.ts';
import type { PlanInput } from './input.ts';
import { mapOwners } from './owners.ts';
import type { ExtractionPlan } from './plan.ts';
import { addConstraints } from './post-data/constraints.ts';
import { databaseSection, postData } from './post-data/index.ts';
import { createIndexes, createPartitionedIndexes } from './post-data/indexes.ts';
import { placeChecks } from './pre-data/checks.ts';
import { orderColumns } from './pre-data/column-order.ts';
import { preData } from './pre-data/index.ts';
import { cutLoops } from './pre-data/loops.ts';
import { creationNeeds } from './pre-data/order.ts';
import { columnOrderFindings } from './pre-data/tables.ts';

/** Puts all statements in an order that the server accepts. */
export function assemble(input: PlanInput): {
  statements: Pick<ExtractionPlan, 'before' | 'indexes' | 'constraints' | 'after'>;
  findings: readonly Finding[];
} {
  const objects = createStatements(input);
  const checks = placeChecks(input);
  const edges = creationNeeds(input, objects, checks);
  const loops = cutLoops(input.catalog, input.graph, { created: new Set(objects.keys()), edges });
  const tables = input.selection.tables.map((table) => relationKey(table.oid));
  const usedSchemas = schemasOf(input, objects);
  const assembly: Assembly = {
    ...input,
    owners: mapOwners(input),
    objects,
    order: sortByNeed([...objects.keys(), ...tables], loops.edges),
    shells: loops.views,
    checks,
    columnOrder: orderColumns(input.selection.tables),
    newSchemas: input.catalog.schemas.filter(
      ({ name }) => usedSchemas.has(name) && !input.target.schemas.includes(name),
    ),
    usedSchemas,
  };
  const database = databaseSection(assembly);
  const statements = {
    before: preData(assembly),
    indexes: createIndexes(assembly),
    constraints: [...createPartitionedIndexes(assembly), ...addConstraints(assembly)],
    after: [...postData(assembly), ...database.statements],
  };
  return {
    statements,
    findings: [
      ...assembly.owners.findings(),
      ...loops.findings,
      ...columnOrderFindings(assembly),
      ...database.findings,
    ],
  };
}

/** Schemas that included functions name as text, even when nothing else of them is included. */
function schemasInBodies(catalog: Catalog, objects: ReadonlyMap<Key, CreateStatement>): string[] {
  const named = catalog.functions
    .filter(({ oid }) => objects.has(`pg_proc:${oid}`))
    .flatMap(({ body }) => body.objects);
  return catalog.schemas.filter(({ oid }) => named.includes(`pg_namespace:${oid}`)).map(({ name }) => name);
}

function schemasOf(
  { catalog, extensions, selection }: PlanInput,
  objects: ReadonlyMap<Key, CreateStatement>,
): Set<string> {
  return new Set([
    ...selection.tables.map((table) => table.schema),
    ...[...objects.values()].map((item) => item.object.schema),
    ...schemasInBodies(catalog, objects),
    ...catalog.extensions.filter(({ oid }) => extensions.has(oid)).map((extension) => extension.schema),
  ]);
}
