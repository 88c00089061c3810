import type { Finding } from '../../../contracts/plan.ts';
import { readLiveLimits } from '../../../extraction/index.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import { liveTables } from '../../core/streams.ts';
import { tableOwnerFindings } from './table-owners.ts';

/** Who else uses the tool's tables; the tables themselves are shared facts. */
export async function readDatabase(shared: SharedFacts, { sourceUrl }: ReadPorts): Promise<SharedFacts> {
  const { manifest, database } = shared;
  const findings = [
    ...(await tableOwnerFindings(sourceUrl, manifest)),
    ...database.findings,
    ...(await liveFindings(shared, sourceUrl)),
  ];
  return { ...shared, database: { ...database, findings } };
}

/** Why the cut-over cannot be live, as was requested. */
async function liveFindings(shared: SharedFacts, sourceUrl: string): Promise<readonly Finding[]> {
  const live = liveTables(shared);
  if (live === null) return [];
  if (shared.runtime === 'docker') return [IN_CONTAINER];
  return readLiveLimits(sourceUrl, live.plan);
}

const IN_CONTAINER: Finding = {
  code: 'live-impossible',
  severity: 'error',
  step: 'database',
  message: 'The database of a service in containers cannot follow the monolith yet',
  remedy: 'Export with --cutover=fenced, or with --runtime=local',
};
