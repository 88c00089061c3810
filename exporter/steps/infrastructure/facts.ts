import type { Finding } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { GatewayVerdict } from '../../core/infrastructure-ports.ts';

export interface InfrastructureStepFacts extends SharedFacts {
  /** What nginx reports of the route to be; `null` when the route cannot be rendered, which is a finding of its own. */
  readonly verdict: GatewayVerdict | null;
  /** Containers and volumes in the place of those that the export would make (docker runtime). */
  readonly occupied: readonly Finding[];
}
