import { tableNames } from '../../../contracts/declared-tables.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import type { DatabaseFacts } from './facts.ts';
import { readDatabaseFacts } from './read-database-facts.ts';
import { tableOwnerFindings } from './table-owners.ts';

/** The tool's tables in the source, and the plan of their extraction. */
export async function readDatabase(shared: SharedFacts, { sourceUrl }: ReadPorts): Promise<DatabaseFacts> {
  const { manifest, names, request } = shared;
  const database = await readDatabaseFacts({
    sourceUrl,
    tables: tableNames(manifest.databaseSchema.tables),
    names,
    severIncoming: request.severIncoming,
  });
  const findings = [...(await tableOwnerFindings(sourceUrl, manifest)), ...database.findings];
  return { ...shared, database: { ...database, findings } };
}
