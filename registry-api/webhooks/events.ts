import { JOB_STATUSES } from '../../contracts/job.ts';

/** What a webhook may ask for; `*` is everything. */
export const WEBHOOK_EVENTS = [
  '*',
  ...['registered', 'updated', 'exported', 'returned', 'removed'].map((action) => `tool.${action}`),
  ...JOB_STATUSES.map((status) => `export.${status}`),
] as const;
