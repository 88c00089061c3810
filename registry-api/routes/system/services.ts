import type { Pool } from 'pg';
import type { KeyStore } from '../../auth/keys.ts';
import type { Metrics } from '../../metrics.ts';

/** Whether the service may be sent requests. */
export type Readiness = () => { readonly ready: boolean; readonly why?: string };

export interface SystemServices {
  readonly pool: Pool;
  readonly keys: Pick<KeyStore, 'jwks'>;
  readonly version: string;
  readonly metrics: Metrics;
  /** Turns false when the host begins to stop, so that nobody sends it anything more. */
  readonly readiness: Readiness;
}
