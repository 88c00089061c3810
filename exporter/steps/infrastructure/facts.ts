import type { Finding } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { GatewayVerdict } from '../../core/infrastructure-ports.ts';

export interface InfrastructureStepFacts extends SharedFacts {
  /** The verdict of nginx on the planned route; `null` when the route cannot be rendered, which is a finding of its own. */
  readonly verdict: GatewayVerdict | null;
  /** Existing containers and volumes with the names that the export would create (docker runtime). */
  readonly occupied: readonly Finding[];
}
