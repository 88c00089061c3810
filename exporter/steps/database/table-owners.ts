import { sharedWith, tableName } from '../../../contracts/declared-tables.ts';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { foreignTables, refusalOf, type ForeignTable } from '../../../contracts/table-ownership.ts';
import { finding, openSession } from '../../../extraction/index.ts';

/**
 * Declared tables that the service's database cannot hold alone: tables of other owners, and tables that other tools
 * use. An export would fence them against the tools that stay in the monolith.
 */
export async function tableOwnerFindings(
  sourceUrl: string,
  { id, databaseSchema }: Manifest,
): Promise<readonly Finding[]> {
  const { tables } = databaseSchema;
  const shared = tables.flatMap((table) => {
    const tools = sharedWith(table);
    return tools.length === 0 ? [] : [sharedFinding(id, tableName(table), tools)];
  });
  const session = await openSession({ url: sourceUrl });
  try {
    const foreign = await foreignTables((sql, values) => session.query(sql, [...values]), id, tables);
    const claim = { toolId: id, tables, tablesOf: () => Promise.resolve([]) };
    return [
      ...shared,
      ...(await Promise.all(
        foreign.map(async (table) => foreignFinding(table, await refusalOf(table, claim))),
      )),
    ];
  } finally {
    await session.end();
  }
}

const foreignFinding = ({ table, ownerTool }: ForeignTable, refusal: string | null): Finding =>
  ownerTool === null
    ? finding({
        severity: 'error',
        code: 'table-foreign',
        object: table,
        message: refusal ?? `"${table}" belongs to another role`,
        remedy: 'Remove the table from the manifest, or transfer it to the tool as described.',
      })
    : finding({
        severity: 'error',
        code: 'table-foreign',
        object: table,
        message: `"${table}" belongs to the tool ${ownerTool}, so a service of another tool cannot have it`,
        remedy: `Remove the table from the manifest, and call ${ownerTool} over HTTP.`,
      });

const sharedFinding = (toolId: string, table: string, tools: readonly string[]): Finding =>
  finding({
    severity: 'error',
    code: 'table-shared',
    object: table,
    message: `"${table}" is shared with ${tools.join(', ')}, which would lose it when the service takes it over`,
    remedy: `Let ${tools.join(', ')} call ${toolId} over HTTP, then remove "sharedWith" from the manifest.`,
  });
