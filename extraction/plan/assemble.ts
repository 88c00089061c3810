import type { Finding } from '../../contracts/plan.ts';
import { assembleAfter } from './assemble-after.ts';
import { assembleSurroundings } from './assemble-defaults.ts';
import { assembleIndexes } from './assemble-indexes.ts';
import { assembleTables } from './assemble-tables.ts';
import type { Extension, Key } from '../catalog/catalog.ts';
import { relationKey, sortByNeed } from './closure/graph.ts';
import { cutLoops } from './closure/loops.ts';
import { mapOwners } from './owners.ts';
import type { Parts } from './parts.ts';
import type { ExtractionPlan, Statement } from './plan.ts';
import { literal } from './ddl/literal.ts';
import { createShell, replaceView } from './ddl/views.ts';
import { dropOf, makeThings, type Made } from './things.ts';

export const statement = (id: string, sql: string, rest: Partial<Statement> = {}): Statement => ({
  id,
  sql,
  undo: '',
  locks: [],
  ...rest,
});

/** Puts all statements in the order in which the server can take them. */
export function assemble(parts: Parts): {
  statements: Pick<ExtractionPlan, 'before' | 'indexes' | 'constraints' | 'after'>;
  findings: readonly Finding[];
} {
  const { catalog, graph, selection, target } = parts;
  const owners = mapOwners(parts);
  const made = makeThings(parts);
  const tables = new Map(selection.tables.map((table) => [relationKey(table.oid), table]));
  const structure = assembleTables(parts, owners, made);

  const loops = cutLoops(catalog, graph, { made: new Set(made.keys()), edges: structure.edges });
  const createThing = (item: Made): Statement[] => {
    const shell = loops.views.has(item.key) ? graph.relations.get(item.thing.oid) : undefined;
    const first = shell === undefined ? (item.create[0] ?? '') : createShell(shell);
    return [
      statement(item.address, first, { undo: item.drop }),
      ...item.create.slice(1).map((sql) => statement(item.address, sql)),
      ...(item.ownable ? [statement(`OWNER ${item.address}`, `ALTER ${item.address} OWNER TO ${owners.ownerOf(item.thing.owner)}`)] : []),
    ];
  }; // prettier-ignore

  const schemas = new Set(
    [...selection.tables, ...[...made.values()].map((item) => item.thing)].map((thing) => thing.schema),
  );
  for (const extension of catalog.extensions)
    if (parts.extensions.has(extension.oid)) schemas.add(extension.schema);
  const newSchemas = catalog.schemas.filter((s) => schemas.has(s.name) && !target.schemas.includes(s.name));
  const before: Statement[] = newSchemas.flatMap((schema) => [
    statement(`SCHEMA ${schema.name}`, `CREATE SCHEMA ${schema.name}`, {
      undo: `DROP SCHEMA ${schema.name} CASCADE`,
    }),
    statement(
      `OWNER SCHEMA ${schema.name}`,
      `ALTER SCHEMA ${schema.name} OWNER TO ${owners.ownerOf(schema.owner)}`,
    ),
  ]);
  const extensionKeys = [...parts.extensions].map((oid): Key => `pg_extension:${oid}`);
  for (const key of sortByNeed(extensionKeys, graph.needs)) {
    const extension = catalog.extensions.find((item) => `pg_extension:${item.oid}` === key);
    if (extension === undefined || target.installed[extension.rawName] !== undefined) continue;
    before.push(
      statement(`EXTENSION ${extension.name}`, `CREATE EXTENSION ${extension.name} WITH SCHEMA ${extension.schema}${versionOf(parts, extension)}`, { undo: dropOf(`EXTENSION ${extension.name}`) }),
    ); // prettier-ignore
  }

  const isEarly = (key: Key): boolean => parts.early.has(key);
  const all: Key[] = [...made.keys(), ...tables.keys()];
  const order = sortByNeed(all, loops.edges);
  for (const key of order) {
    const table = tables.get(key);
    const item = made.get(key);
    if (table !== undefined) before.push(...structure.create(table));
    else if (item !== undefined && isEarly(key)) before.push(...createThing(item));
  }
  before.push(...structure.finish());

  const later = order.flatMap((key) => {
    const item = made.get(key);
    return item === undefined || isEarly(key) ? [] : [{ item, statements: createThing(item) }];
  });
  const surroundings = assembleSurroundings(parts, newSchemas, schemas);
  const replaced = catalog.relations
    .filter((relation) => loops.views.has(relationKey(relation.oid)))
    .map((view) => statement(`REPLACE VIEW ${view.name}`, replaceView(view)));
  return {
    statements: {
      before,
      ...assembleIndexes(parts, structure.deferredChecks),
      after: assembleAfter({
        parts,
        owners,
        made,
        later,
        replaced,
        surroundings: surroundings.statements,
        newSchemas,
      }),
    },
    findings: [...owners.findings(), ...loops.findings, ...structure.findings, ...surroundings.findings],
  };
}

/** The very version of the source where the target's server offers it; else its default one, which is told. */
function versionOf({ target }: Parts, { rawName, version }: Extension): string {
  return target.extensions[rawName]?.includes(version) === true ? ` VERSION ${literal(version)}` : '';
}
