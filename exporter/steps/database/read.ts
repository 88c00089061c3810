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
  const ownServer = live.service.server.kind === 'own';
  return [
    ...(ownServer ? unreachableFrom(sourceUrl, shared) : []),
    ...(await readLiveLimits(sourceUrl, live.plan, { ownServer })),
  ];
}

/** Why the monolith's server could not follow a database whose port is published on loopback of this machine. */
function unreachableFrom(sourceUrl: string, { infrastructure }: SharedFacts): readonly Finding[] {
  const { hostname } = new URL(sourceUrl);
  if (infrastructure.platformInContainer === true)
    return [unreachable("The monolith's database is in a container")];
  return LOOPBACK.includes(hostname) ? [] : [unreachable(`The monolith's database is at ${hostname}`)];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const unreachable = (where: string): Finding => ({
  code: 'live-impossible',
  severity: 'error',
  step: 'database',
  message: `${where}, from which the service's database in a container of this machine cannot be followed back`,
  remedy: 'Export with --cutover=fenced, or with --runtime=local',
});
