import type { Pool } from 'pg';
import type { Settings } from '../contracts/settings.ts';
import type { JobRunner } from './job-runner.ts';
import type { Notifications } from './notifications.ts';
import type { Totals } from './store/totals.ts';

/** Dependencies of the routes, created in `app.ts`. */
export interface RegistryServices {
  readonly pool: Pool;
  readonly settings: Settings;
  readonly jobRunner: JobRunner;
  readonly totals: Totals;
  readonly notifications: Notifications;
  /** Functions that end the open event streams. */
  readonly streams: Set<() => void>;
  /** Receives errors after an answer was sent or in background work. */
  readonly onFault: (error: unknown) => void;
}
