import type { TableDeclaration } from '../../contracts/declared-tables.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { Manifest } from '../../contracts/manifest.ts';
import type { Problem } from '../../contracts/schema-problem.ts';
import { foreignTables, refusalOf } from '../../contracts/table-ownership.ts';
import type { Queryable } from './pool.ts';
import { declaredTables, type ToolRow } from './tool-row.ts';

/** @throws PlatformError `manifest-invalid` with every declared table that the tool neither owns nor shares. */
export async function refuseForeignTables(db: Queryable, manifest: Manifest): Promise<void> {
  const { id: toolId, databaseSchema } = manifest;
  const { tables } = databaseSchema;
  const claim = { toolId, tables, tablesOf: (id: string) => registeredTables(db, id) };
  const problems: Problem[] = [];
  for (const foreign of await foreignTables((sql, values) => db.query(sql, [...values]), toolId, tables)) {
    const message = await refusalOf(foreign, claim);
    if (message !== null) problems.push({ pointer: `/databaseSchema/tables/${foreign.index}`, message });
  }
  if (problems.length > 0)
    throw new PlatformError(
      'manifest-invalid',
      problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'),
      { errors: problems },
    );
}

async function registeredTables(db: Queryable, toolId: string): Promise<readonly TableDeclaration[]> {
  const { rows } = await db.query<Pick<ToolRow, 'database_tables' | 'shared_tables'>>(
    'SELECT database_tables, shared_tables FROM tool_registry WHERE tool_id = $1',
    [toolId],
  );
  return rows[0] === undefined ? [] : declaredTables(rows[0]);
}
