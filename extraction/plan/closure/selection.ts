import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Oid, Relation } from '../../catalog/catalog.ts';
import { finding, findIn, type FindingRow } from '../findings.ts';
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
        finding({
          severity: 'info',
          code: 'table-in-tree',
          object: table.name,
          message: `${table.name} comes along: it belongs to the tree of ${parentNames(table, byOid)}`,
        }),
      );
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

interface Candidate extends Relation {
  readonly isMember: boolean;
  /** Parents that are not selected. */
  readonly missingParents: readonly string[];
}

const isTable = ({ isMember, persistence, kind }: Candidate): boolean =>
  !isMember && persistence !== 't' && (kind === 'r' || kind === 'p');

/** Exclude each other, except for one row per missing parent. */
const REFUSALS: readonly FindingRow<Candidate>[] = [
  {
    code: 'table-of-extension',
    severity: 'error',
    when: ({ isMember }) => isMember,
    object: ({ name }) => name,
    message: ({ name }) => `${name} belongs to an extension`,
    remedy: () => 'Leave it out: the extension is created in the target.',
  },
  {
    code: 'temporary-table',
    severity: 'error',
    when: ({ isMember, persistence }) => !isMember && persistence === 't',
    object: ({ name }) => name,
    message: ({ name }) => `${name} is temporary`,
    remedy: () => 'Copy its rows into a table that stays, and name that one.',
  },
  {
    code: 'foreign-table',
    severity: 'error',
    when: ({ isMember, kind }) => !isMember && kind === 'f',
    object: ({ name }) => name,
    message: ({ name }) => `${name} is a foreign table: its rows live on another server`,
    remedy: () => 'Leave it out, or create the foreign server and the table in the target by hand.',
  },
  {
    code: 'not-a-table',
    severity: 'error',
    when: ({ isMember, kind }) => !isMember && (kind === 'v' || kind === 'm'),
    object: ({ name }) => name,
    message: ({ name }) => `${name} is a view`,
    remedy: () => 'Name tables only: views whose tables all move come along by themselves.',
  },
];

const missingParent = ({ name, isPartition }: Candidate, parent: string): Finding =>
  finding({
    severity: 'error',
    code: 'tree-incomplete',
    object: name,
    message: `${name} ${isPartition ? 'is a partition of' : 'inherits from'} ${parent}, which is not named`,
    remedy: `Name the whole tree: add ${parent} to the tables.`,
  });

function refusals(catalog: Catalog, table: Relation, { chosen, byOid }: Trees): Finding[] {
  const candidate: Candidate = {
    ...table,
    isMember: catalog.members[`pg_class:${table.oid}`] !== undefined,
    missingParents: table.parents.filter((oid) => !chosen.has(oid)).map((oid) => byOid.get(oid)?.name ?? oid),
  };
  return [
    ...findIn([candidate], REFUSALS),
    ...(isTable(candidate) ? candidate.missingParents.map((parent) => missingParent(candidate, parent)) : []),
  ];
}

interface Trees {
  readonly chosen: ReadonlyMap<Oid, Relation>;
  readonly byOid: ReadonlyMap<Oid, Relation>;
}

function missing(catalog: Catalog, name: TableName): Finding {
  const wanted = name.name.toLowerCase();
  const near = catalog.relations
    .filter((relation) => relation.kind !== 'c' && relation.rawName.toLowerCase() === wanted)
    .map((relation) => relation.name);
  const where =
    name.schema === null ? `in ${catalog.server.searchPath.join(', ')}` : `in schema ${name.schema}`;
  return finding({
    severity: 'error',
    code: 'table-not-found',
    object: name.asked,
    message: `There is no table ${name.asked} ${where} of ${catalog.server.database}`,
    remedy:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'Check the name; quote it when it has capital letters.',
  });
}
