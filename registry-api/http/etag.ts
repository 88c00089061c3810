import type { Precondition } from '../store/tools.ts';

/** A tool's revision as a strong validator (RFC 9110, 8.8.3). */
export const etagOf = (revision: number): string => `"${revision}"`;

/** Revisions that `If-Match` allows: any without the header or with `*`; weak tags match none (13.1.1). */
export function ifMatch(header: string | undefined): Precondition {
  if (header === undefined || header.trim() === '*') return () => true;
  const tags = header.split(',').map((tag) => tag.trim());
  return (revision) => tags.includes(etagOf(revision));
}

/** Whether `If-None-Match` names this revision: 304. The comparison is weak (13.1.2). */
export function isFresh(ifNoneMatch: string | undefined, revision: number): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etagOf(revision));
}
