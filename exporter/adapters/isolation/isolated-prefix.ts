import { createHash } from 'node:crypto';

/** Begins the names of a repository's temporary folders for apps, of all jobs or of one. */
export const isolatedPrefix = (root: string, jobId?: string): string =>
  [
    `export-${createHash('sha256').update(root).digest('hex').slice(0, 10)}-`,
    ...(jobId === undefined ? [] : [jobId, '-']),
  ].join('');
