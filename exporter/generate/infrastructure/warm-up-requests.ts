import { HEALTHY, type Wait } from '../../core/wait-for-answer.ts';
import type { SharedFacts } from '../../core/facts.ts';
import { instancesOf } from './compose-entry.ts';

/** The request that warms each instance of the service up, over the instance's own port: it uses the database. */
export function warmUpRequests(facts: SharedFacts): readonly Wait[] {
  const { manifest, names, settings, runtime } = facts;
  return instancesOf(facts).map(({ name, port }) => ({
    name,
    container: name,
    url: `http://${settings.host}:${port}/api/${manifest.id}/health`,
    status: 200,
    contains: HEALTHY,
    timeoutMs: (settings.healthTimeout ?? 30) * 1_000,
    logFile: `${settings.stateDir}/logs/${names.api}.log`,
    runtime,
  }));
}
