import { FENCE_FUNCTION } from './fence.ts';
import { toolIdProblem } from './ids.ts';
import type { Problem } from './schema-problem.ts';

/** A table that other tools may read and write. */
export interface SharedTable {
  readonly name: string;
  /** Ids of those tools. */
  readonly sharedWith: readonly string[];
}

/** An entry of `/databaseSchema/tables`: `items`, `stock.items`, or the same as `name` of a shared table. */
export type TableDeclaration = string | SharedTable;

export const tableName = (table: TableDeclaration): string =>
  typeof table === 'string' ? table : table.name;

/** The names of the declared tables, in their order. */
export const tableNames = (tables: readonly TableDeclaration[]): readonly string[] => tables.map(tableName);

export const sharedWith = (table: TableDeclaration): readonly string[] =>
  typeof table === 'string' ? [] : table.sharedWith;

/** The tables of the platform in the schema `public`. No tool may declare them. */
export const PLATFORM_TABLES: readonly string[] = [
  'export_job_logs',
  'export_job_steps',
  'export_jobs',
  'export_journal',
  'idempotency_keys',
  'schema_migrations',
  'tool_history',
  'tool_migrations',
  'tool_registry',
  'tool_registry_counts',
  'tool_registry_lost_words',
  'tool_holds',
  'tool_shadows',
  'tool_routes',
  'tool_words',
  'webhook_deliveries',
  'webhooks',
];

export interface RelationName {
  readonly schema: string;
  readonly name: string;
}

/** `stock.items` is a table in the schema `stock`, `items` a table in `public`. */
export function relationOf(table: string): RelationName {
  const dot = table.indexOf('.');
  return dot < 0
    ? { schema: 'public', name: table }
    : { schema: table.slice(0, dot), name: table.slice(dot + 1) };
}

/** Problems of the declared tables that the manifest alone shows; entries of another form are skipped. */
export function tableProblems(toolId: string, tables: readonly unknown[]): readonly Problem[] {
  const seen = new Set<string>();
  return tables.flatMap((table, i) => {
    const name = nameIn(table);
    if (name === null) return [];
    const pointer = `/databaseSchema/tables/${i}`;
    const problems: Problem[] = [];
    if (seen.has(name)) problems.push({ pointer, message: `"${name}" is listed twice` });
    seen.add(name);
    const owner = reservedFor(name);
    if (owner !== null)
      problems.push({
        pointer,
        message: `"${name}" belongs to ${owner}. Declare only tables that the tool's own migrations create`,
      });
    return [...problems, ...sharingProblems(toolId, table, pointer)];
  });
}

function nameIn(table: unknown): string | null {
  const name = typeof table === 'object' && table !== null && 'name' in table ? table.name : table;
  return typeof name === 'string' ? name : null;
}

function sharingProblems(toolId: string, table: unknown, pointer: string): readonly Problem[] {
  if (typeof table !== 'object' || table === null || !('sharedWith' in table)) return [];
  const ids: readonly unknown[] = Array.isArray(table.sharedWith) ? table.sharedWith : [];
  return ids.flatMap((id, i) => {
    const at = `${pointer}/sharedWith/${i}`;
    const problem = id === toolId ? 'a tool cannot share a table with itself' : toolIdProblem(String(id));
    if (problem !== null) return [{ pointer: at, message: problem }];
    return ids.indexOf(id) === i ? [] : [{ pointer: at, message: `"${String(id)}" is listed twice` }];
  });
}

/** Both readings of a declared table: as {@link relationOf}, and as SQL identifiers. */
export function readingsOf(table: string): readonly RelationName[] {
  const [plain, folded] = [relationOf(table), identifiersOf(table)];
  return plain.schema === folded.schema && plain.name === folded.name ? [plain] : [plain, folded];
}

/** Who owns a table of this name on every installation, or `null`. */
function reservedFor(table: string): string | null {
  for (const { schema, name } of readingsOf(table)) {
    if (schema.startsWith('pg_') || schema === 'information_schema') return 'PostgreSQL';
    if (schema === FENCE_FUNCTION) return 'the platform';
    if (schema !== 'public') continue;
    if (PLATFORM_TABLES.includes(name)) return 'the platform';
    // Without a schema, PostgreSQL looks into pg_catalog first
    if (name.startsWith('pg_') && !table.includes('.')) return 'PostgreSQL';
  }
  return null;
}

/** The table as SQL reads it: quotes removed, other letters folded. An export reads manifests this way. */
function identifiersOf(table: string): RelationName {
  const parts = [...table.matchAll(/"((?:[^"]|"")*)"|[^."]+/g)].map(([text, quoted]) =>
    quoted === undefined ? text.trim().toLowerCase() : quoted.replaceAll('""', '"'),
  );
  const name = parts.pop() ?? '';
  return { schema: parts.pop() ?? 'public', name };
}
