import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

/** Proves that a request comes from a page that could read the cookie of this session. */
export function xsrfTokenOf(sessionToken: string): string {
  return createHash('sha256').update(`xsrf\0${sessionToken}`).digest('base64url');
}

/** Whether the request repeats the value of the session in its header. */
export function repeatsXsrfToken(request: Request, sessionToken: string): boolean {
  const given = Buffer.from(request.get('x-xsrf-token') ?? '');
  const wanted = Buffer.from(xsrfTokenOf(sessionToken));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/**
 * Whether a page of this origin made the request. Browsers send `Origin` with every request that changes state;
 * other clients send neither `Origin` nor cookies.
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
