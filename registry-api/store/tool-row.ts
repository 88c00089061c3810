import { sharedWith, tableName, tableNames, type TableDeclaration } from '../../contracts/declared-tables.ts';
import type { Endpoint, EnvVariable, Manifest, ToolStatus } from '../../contracts/manifest.ts';
import type { RegistryTool } from '../../contracts/tool.ts';

/** A row of `tool_registry` without the search columns. */
export interface ToolRow {
  readonly tool_id: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: ToolStatus;
  readonly owner: string;
  readonly icon: string;
  readonly route: string;
  readonly api_base: string;
  readonly database_tables: readonly string[];
  /** Ids of the tools that a table is shared with, by table. */
  readonly shared_tables: Readonly<Record<string, readonly string[]>>;
  readonly endpoints: readonly Endpoint[];
  readonly permissions: readonly string[];
  readonly env: readonly EnvVariable[];
  readonly dependencies: readonly string[];
  readonly is_exported: boolean;
  readonly exported_at: Date | null;
  readonly service_url: string | null;
  readonly gateway_url: string | null;
  readonly web_url: string | null;
  readonly database_name: string | null;
  readonly revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const TOOL_COLUMNS = `tool_id, name, description, version, status, owner, icon, route, api_base, database_tables, shared_tables,
  endpoints, permissions, env, dependencies, is_exported, exported_at, service_url, gateway_url, web_url,
  database_name, revision, created_at, updated_at`;

/** A tool with the revision that its ETag is made of. */
export interface StoredTool {
  readonly tool: RegistryTool;
  readonly revision: number;
}

export function toTool(row: ToolRow): RegistryTool {
  return {
    toolId: row.tool_id,
    name: row.name,
    description: row.description,
    version: row.version,
    status: row.status,
    owner: row.owner,
    icon: row.icon,
    route: row.route,
    apiBase: row.api_base,
    databaseSchema: { tables: declaredTables(row) },
    endpoints: row.endpoints,
    permissions: row.permissions,
    env: row.env,
    dependencies: row.dependencies,
    isExported: row.is_exported,
    exportedAt: row.exported_at?.toISOString() ?? null,
    serviceUrl: row.service_url,
    gatewayUrl: row.gateway_url,
    webUrl: row.web_url,
    databaseName: row.database_name,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export const toStored = (row: ToolRow): StoredTool => ({ tool: toTool(row), revision: row.revision });

/** The tables of a tool as its manifest declares them. */
export const declaredTables = ({
  database_tables: names,
  shared_tables: shared,
}: Pick<ToolRow, 'database_tables' | 'shared_tables'>): readonly TableDeclaration[] =>
  names.map((name) => (Object.hasOwn(shared, name) ? { name, sharedWith: shared[name] ?? [] } : name));

const sharedTables = (tables: readonly TableDeclaration[]): ToolRow['shared_tables'] =>
  Object.fromEntries(
    tables
      .filter((table) => sharedWith(table).length > 0)
      .map((table) => [tableName(table), sharedWith(table)]),
  );

/** Columns set from a manifest, in the order of {@link manifestValues}. */
export const MANIFEST_COLUMNS = [
  'tool_id',
  'name',
  'description',
  'version',
  'status',
  'owner',
  'icon',
  'route',
  'api_base',
  'database_tables',
  'shared_tables',
  'endpoints',
  'permissions',
  'env',
  'dependencies',
] as const;

export function manifestValues(manifest: Manifest): readonly unknown[] {
  return [
    manifest.id,
    manifest.name,
    manifest.description,
    manifest.version,
    manifest.status,
    manifest.owner,
    manifest.icon,
    manifest.route,
    manifest.apiBase,
    tableNames(manifest.databaseSchema.tables),
    JSON.stringify(sharedTables(manifest.databaseSchema.tables)),
    JSON.stringify(manifest.endpoints),
    manifest.permissions,
    JSON.stringify(manifest.env),
    manifest.dependencies,
  ];
}
