import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

/** The value that proves a request comes from a page that could read this session's own cookie. */
export function xsrfTokenOf(sessionToken: string): string {
  return createHash('sha256').update(`xsrf\0${sessionToken}`).digest('base64url');
}

/** Does the request repeat the session's value in its header? */
export function repeatsXsrfToken(request: Request, sessionToken: string): boolean {
  const given = Buffer.from(request.get('x-xsrf-token') ?? '');
  const wanted = Buffer.from(xsrfTokenOf(sessionToken));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/**
 * Was the request made by a page of this very origin? Browsers send `Origin` with everything that changes state;
 * a caller that is no browser sends none and carries no cookie either.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = request.get('origin');
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === request.get('host');
}

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS']);

export const changesState = (request: Request): boolean => !CHANGES_NOTHING.has(request.method);
