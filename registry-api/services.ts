import type { Pool } from 'pg';
import type { Settings } from '../contracts/settings.ts';
import type { JobRunner } from './job-runner.ts';
import type { Notifications } from './notifications.ts';
import type { Totals } from './store/totals.ts';

/** What the routes work with. Made once, in `app.ts`. */
export interface RegistryServices {
  readonly pool: Pool;
  readonly settings: Settings;
  readonly jobRunner: JobRunner;
  readonly totals: Totals;
  readonly notifications: Notifications;
  /** Ends an open event stream; one entry each. */
  readonly streams: Set<() => void>;
  /** For what goes wrong after an answer, or behind it. */
  readonly onFault: (error: unknown) => void;
}
