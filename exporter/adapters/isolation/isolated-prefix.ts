import { createHash } from 'node:crypto';

/** Begins the names of this repository's temporary folders for apps. Other repositories have other prefixes. */
export const isolatedPrefix = (root: string): string =>
  `export-${createHash('sha256').update(root).digest('hex').slice(0, 10)}-`;
