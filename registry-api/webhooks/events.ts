import { JOB_STATUSES } from '../../contracts/job.ts';

/** Events of a webhook; `*` means all. */
export const WEBHOOK_EVENTS = [
  '*',
  ...['registered', 'updated', 'exported', 'returned', 'removed'].map((action) => `tool.${action}`),
  ...JOB_STATUSES.map((status) => `export.${status}`),
] as const;
