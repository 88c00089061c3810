import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Oid, Relation } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { findRelation, type TableName } from './names.ts';

export interface Selection {
  /** Every table that moves, trees complete. */
  readonly tables: readonly Relation[];
  readonly oids: ReadonlySet<Oid>;
  /** What was asked for, in order, with the members of its tree. */
  readonly groups: readonly {
    readonly name: string;
    readonly root: Relation;
    readonly members: readonly Relation[];
  }[];
  readonly findings: readonly Finding[];
}

/** Turns names into tables, whole trees of partitions and inheritance included, or says why one cannot move. */
export function selectTables(catalog: Catalog, names: readonly TableName[]): Selection {
  const findings: Finding[] = [];
  const byOid = new Map(catalog.relations.map((relation) => [relation.oid, relation]));
  const children = new Map<Oid, Relation[]>();
  for (const relation of catalog.relations)
    for (const parent of relation.parents) children.set(parent, [...(children.get(parent) ?? []), relation]);

  const asked = new Map<Oid, { name: string; root: Relation }>();
  for (const name of names) {
    const relation = findRelation(catalog, name);
    if (relation === null) findings.push(missing(catalog, name));
    else if (!asked.has(relation.oid)) asked.set(relation.oid, { name: name.asked, root: relation });
  }
  const chosen = new Map<Oid, Relation>();
  const addTree = (relation: Relation): void => {
    if (chosen.has(relation.oid)) return;
    chosen.set(relation.oid, relation);
    for (const child of children.get(relation.oid) ?? []) addTree(child);
  };
  for (const { root } of asked.values()) addTree(root);

  const tables = [...chosen.values()];
  for (const table of tables) findings.push(...refusals(catalog, table, { chosen, byOid }));
  for (const table of tables)
    if (!asked.has(table.oid))
      findings.push(
        finding({ severity: 'info', code: 'table-in-tree', object: table.name, message: `${table.name} comes along: it belongs to the tree of ${parentNames(table, byOid)}` }),
      ); // prettier-ignore
  const groups = [...asked.values()].map(({ name, root }) => ({
    name,
    root,
    members:
      root.kind === 'p' ? partitionsOf(root, children).filter((member) => member.kind !== 'p') : [root],
  }));
  const covered = new Set(groups.flatMap((group) => group.members.map((member) => member.oid)));
  for (const table of tables)
    if (!covered.has(table.oid) && table.kind === 'r')
      groups.push({ name: table.name, root: table, members: [table] });
  return { tables, oids: new Set(chosen.keys()), groups, findings };
}

const parentNames = (table: Relation, byOid: ReadonlyMap<Oid, Relation>): string =>
  table.parents.map((oid) => byOid.get(oid)?.name ?? oid).join(', ');

function partitionsOf(root: Relation, children: ReadonlyMap<Oid, readonly Relation[]>): Relation[] {
  return [root, ...(children.get(root.oid) ?? []).flatMap((child) => partitionsOf(child, children))];
}

function refusals(
  catalog: Catalog,
  table: Relation,
  { chosen, byOid }: { chosen: ReadonlyMap<Oid, Relation>; byOid: ReadonlyMap<Oid, Relation> },
): Finding[] {
  const refuse = (code: string, message: string, remedy: string): Finding =>
    finding({ severity: 'error', code, object: table.name, message, remedy });
  if (catalog.members[`pg_class:${table.oid}`] !== undefined)
    return [refuse('table-of-extension', `${table.name} belongs to an extension`, 'Leave it out: the extension is created in the target.')];
  if (table.persistence === 't')
    return [refuse('temporary-table', `${table.name} is temporary`, 'Copy its rows into a table that stays, and name that one.')];
  if (table.kind === 'f')
    return [refuse('foreign-table', `${table.name} is a foreign table: its rows live on another server`, 'Leave it out, or create the foreign server and the table in the target by hand.')];
  if (table.kind === 'v' || table.kind === 'm')
    return [refuse('not-a-table', `${table.name} is a view`, 'Name tables only: views whose tables all move come along by themselves.')];
  return table.parents.flatMap((oid) =>
    chosen.has(oid)
      ? []
      : [refuse('tree-incomplete', `${table.name} ${table.isPartition ? 'is a partition of' : 'inherits from'} ${byOid.get(oid)?.name ?? oid}, which is not named`, `Name the whole tree: add ${byOid.get(oid)?.name ?? oid} to the tables.`)],
  );
} // prettier-ignore

function missing(catalog: Catalog, name: TableName): Finding {
  const wanted = name.name.toLowerCase();
  const near = catalog.relations
    .filter((relation) => relation.kind !== 'c' && relation.rawName.toLowerCase() === wanted)
    .map((relation) => relation.name);
  const where =
    name.schema === null ? `in ${catalog.server.searchPath.join(', ')}` : `in schema ${name.schema}`;
  return finding({ severity: 'error', code: 'table-not-found', object: name.asked, message: `There is no table ${name.asked} ${where} of ${catalog.server.database}`, remedy: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Check the name; quote it when it has capital letters.' }); // prettier-ignore
}
