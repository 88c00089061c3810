import type { Pool } from 'pg';
import { repeat } from '../repeat.ts';
import { interruptDeadJobs } from './jobs.ts';

/** Well below the 10 s within which a dead job must be detected. */
const INTERVAL_MS = 3_000;

/** Marks jobs of dead owners at intervals until stopped, also across outages of the database. */
export const watchJobs = (pool: Pool, onFault: (error: unknown) => void): (() => void) =>
  repeat(INTERVAL_MS, () => interruptDeadJobs(pool), onFault);
