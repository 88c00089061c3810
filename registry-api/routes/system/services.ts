import type { Pool } from 'pg';
import type { KeyStore } from '../../auth/keys.ts';
import type { Metrics } from '../../metrics.ts';

/** Whether the service accepts requests. */
export type Readiness = () => { readonly ready: boolean; readonly why?: string };

export interface SystemServices {
  readonly pool: Pool;
  readonly keys: Pick<KeyStore, 'jwks'>;
  readonly version: string;
  readonly metrics: Metrics;
  /** Reports not ready once the host begins to stop, so that load balancers stop sending requests. */
  readonly readiness: Readiness;
}
