import path from 'node:path';
import type { ClientBase } from 'pg';
import {
  relationOf,
  sharedWith,
  tableName,
  type RelationName,
  type TableDeclaration,
} from '../../../../contracts/declared-tables.ts';
import { parseToolId } from '../../../../contracts/ids.ts';
import type { Manifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import type { Problem } from '../../../../contracts/schema-problem.ts';
import { foreignTables, refusalOf } from '../../../../contracts/table-ownership.ts';
import { grantTables, READ_AND_WRITE, revokeOthers } from './grants.ts';
import { findTool, readManifest, type ToolFolder } from '../read-tools.ts';
import { roleExists } from './role.ts';
import type { ToolRoles } from './tool-roles.ts';

export interface GrantOptions {
  readonly db: ClientBase;
  readonly tool: ToolFolder;
  readonly manifest: Manifest;
  readonly roles: ToolRoles;
}

export interface Granted {
  /** Declared tables that do not exist. */
  readonly missing: readonly string[];
  /** Declared tables that the tool may not use. */
  readonly refused: readonly Problem[];
}

/** Grants the migrations of a tool the tables that others share with it: they may refer to them and fill them. */
export async function grantSharedTables(options: GrantOptions): Promise<void> {
  const { shared } = await claimTables(options);
  await grantTables(options.db, options.roles.owner.role, shared, ALL);
}

/**
 * Grants the role of requests the tables that the manifest declares and that are the tool's own or shared with it, and
 * revokes all other grants. Safe to call twice.
 */
export async function grantDeclaredTables(options: GrantOptions): Promise<Granted> {
  const { tables } = options.manifest.databaseSchema;
  const { refused } = await claimTables(options);
  const allowed = tables.filter((_, i) => !refused.has(i)).map((table) => relationOf(tableName(table)));
  const absent = await grantTables(options.db, options.roles.runtime.role, allowed, READ_AND_WRITE);
  const missing = tables
    .map(tableName)
    .filter((table) => absent.some((one) => isSame(one, relationOf(table))));
  return { missing, refused: [...refused.values()] };
}

/** The declared tables of other tools: shared ones, and problems of the others by their place in the manifest. */
async function claimTables({ db, tool, manifest }: GrantOptions): Promise<{
  readonly shared: readonly RelationName[];
  readonly refused: ReadonlyMap<number, Problem>;
}> {
  const { tables } = manifest.databaseSchema;
  const claim = { toolId: manifest.id, tables, tablesOf: (id: string) => declaredBy(tool, id) };
  const shared: RelationName[] = [];
  const refused = new Map<number, Problem>();
  for (const foreign of await foreignTables(
    (sql, values) => db.query(sql, [...values]),
    manifest.id,
    tables,
  )) {
    const message = await refusalOf(foreign, claim);
    if (message === null) shared.push(foreign);
    else refused.set(foreign.index, { pointer: `/databaseSchema/tables/${foreign.index}`, message });
  }
  return { shared, refused };
}

/**
 * Grants the tool's shared tables to the tools that declare them, and revokes grants of tools with which they are no
 * longer shared. So it does not matter which of two tools starts first.
 */
export async function shareTables({ db, tool, manifest }: GrantOptions): Promise<void> {
  const own = manifest.databaseSchema.tables;
  const foreign = await foreignTables((sql, values) => db.query(sql, [...values]), manifest.id, own);
  for (const [i, table] of own.entries()) {
    if (foreign.some(({ index }) => index === i)) continue;
    const relation = relationOf(tableName(table));
    const roles: string[] = [];
    for (const id of sharedWith(table)) {
      const declares = (await declaredBy(tool, id)).some((one) =>
        isSame(relationOf(tableName(one)), relation),
      );
      const { monolithRole, monolithOwnerRole } = namesOf(parseToolId(id));
      // Without its roles, the tool has not been set up yet
      if (!declares || !(await roleExists(db, monolithOwnerRole))) continue;
      await grantTables(db, monolithRole, [relation], READ_AND_WRITE, { keepOthers: true });
      await grantTables(db, monolithOwnerRole, [relation], ALL, {
        keepOthers: true,
      });
      roles.push(monolithRole, monolithOwnerRole);
    }
    await revokeOthers(db, relation, [namesOf(manifest.id).monolithRole, ...roles]);
  }
}

const ALL: readonly string[] = [...READ_AND_WRITE, 'REFERENCES'];

const isSame = (a: RelationName, b: RelationName): boolean => a.schema === b.schema && a.name === b.name;

/** The tables in the manifest of another tool of the repository; none when there is no valid one. */
async function declaredBy({ folder }: ToolFolder, id: string): Promise<readonly TableDeclaration[]> {
  const other = findTool(path.dirname(path.dirname(folder)), id);
  if (other === null) return [];
  return readManifest(other).then(
    ({ databaseSchema }) => databaseSchema.tables,
    () => [],
  );
}
