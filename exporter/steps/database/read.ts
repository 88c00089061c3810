import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import { tableOwnerFindings } from './table-owners.ts';

/** Who else uses the tool's tables; the tables themselves are shared facts. */
export async function readDatabase(shared: SharedFacts, { sourceUrl }: ReadPorts): Promise<SharedFacts> {
  const { manifest, database } = shared;
  const findings = [...(await tableOwnerFindings(sourceUrl, manifest)), ...database.findings];
  return { ...shared, database: { ...database, findings } };
}
