import {
  readingsOf,
  relationOf,
  sharedWith,
  tableName,
  type RelationName,
  type TableDeclaration,
} from './declared-tables.ts';
import type { ToolId } from './ids.ts';
import { namesOf, toolOfOwnerRole } from './naming.ts';

/** Runs a statement on the platform's database. */
export type OwnershipQuery = (
  sql: string,
  values: readonly unknown[],
) => Promise<{ readonly rows: readonly unknown[] }>;

/** A declared table that exists and belongs to another role than that of the tool's migrations. */
export interface ForeignTable extends RelationName {
  /** Place in the list of the manifest. */
  readonly index: number;
  /** As the manifest names it. */
  readonly table: string;
  readonly ownerRole: string;
  /** The tool whose migrations created the table; `null` when no migration did. */
  readonly ownerTool: string | null;
}

/** What a tool's migrations create belongs to a role of that tool, so PostgreSQL's catalog is the record. */
const OWNERS = `
SELECT d.place, pg_get_userbyid(c.relowner) AS owner
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS d (schema, name, place)
  JOIN pg_namespace n ON n.nspname = d.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 ORDER BY d.place`;

/** The declared tables that the tool does not own. Tables that do not exist yet have no owner and are left out. */
export async function foreignTables(
  query: OwnershipQuery,
  toolId: ToolId,
  tables: readonly TableDeclaration[],
): Promise<readonly ForeignTable[]> {
  const declared = tables.flatMap((one, index) => {
    const table = tableName(one);
    return readingsOf(table).map((relation) => ({ ...relation, table, index }));
  });
  if (declared.length === 0) return [];
  const { rows } = await query(OWNERS, [declared.map((d) => d.schema), declared.map((d) => d.name)]);
  const { monolithOwnerRole } = namesOf(toolId);
  return (rows as readonly { place: string; owner: string }[]).flatMap(({ place, owner }) => {
    const relation = declared[Number(place) - 1];
    if (relation === undefined || owner === monolithOwnerRole) return [];
    return [{ ...relation, ownerRole: owner, ownerTool: toolOfOwnerRole(owner) }];
  });
}

export interface Claim {
  readonly toolId: ToolId;
  readonly tables: readonly TableDeclaration[];
  /** The tables that a tool declares; none when it has no manifest. */
  readonly tablesOf: (toolId: string) => Promise<readonly TableDeclaration[]>;
}

/** Why the tool may not declare the table, or `null` when its owner shares it. */
export async function refusalOf(foreign: ForeignTable, claim: Claim): Promise<string | null> {
  const { toolId } = claim;
  const { table, ownerTool, ownerRole, schema, name } = foreign;
  if (ownerTool === null)
    return (
      `"${table}" was created by no migration of ${toolId}; it belongs to the database role ${ownerRole}. Remove it from ` +
      `the manifest. If it is the tool's own, a database administrator can transfer it: ` +
      `ALTER TABLE ${quoted(schema)}.${quoted(name)} OWNER TO ${quoted(namesOf(toolId).monolithOwnerRole)};`
    );
  if (declaresShared(claim.tables[foreign.index]))
    return `"${table}" belongs to the tool ${ownerTool}, so only tools/${ownerTool}/manifest.json can share it`;
  const owned = await claim.tablesOf(ownerTool);
  const isShared = owned.some((one) => {
    const relation = relationOf(tableName(one));
    return relation.schema === schema && relation.name === name && sharedWith(one).includes(toolId);
  });
  if (isShared) return null;
  return (
    `"${table}" belongs to the tool ${ownerTool}, which does not share it with ${toolId}. Remove it from the manifest ` +
    `and call ${ownerTool} over HTTP, or share it in tools/${ownerTool}/manifest.json: ` +
    `{ "name": ${JSON.stringify(table)}, "sharedWith": ["${toolId}"] }`
  );
}

const declaresShared = (table: TableDeclaration | undefined): boolean =>
  table !== undefined && sharedWith(table).length > 0;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
