import type { IncomingHttpHeaders } from 'node:http';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { PLATFORM_COOKIES, withoutCookies } from '../../../contracts/host/platform-cookies.ts';

/** Cookies of a request by name; the first of each name wins, as in RFC 6265. */
export function cookiesOf(request: Request): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 1) continue;
    const name = part.slice(0, at).trim();
    if (!found.has(name)) found.set(name, decoded(part.slice(at + 1).trim()));
  }
  return found;
}

/** The headers of a request without the cookies that no tool may see. */
export type CookieFilter = (headers: IncomingHttpHeaders) => IncomingHttpHeaders;

export const withoutPlatformCookies: CookieFilter = (headers) => withoutCookies(headers, PLATFORM_COOKIES);

/** Any of them may be the session of an application, by which the platform identifies its users. */
export const withoutAnyCookie: CookieFilter = (headers) => {
  const rest = { ...headers };
  delete rest.cookie;
  return rest;
};

/** Removes cookies from the requests of tools. */
export const hideFromTools =
  (filter: CookieFilter): RequestHandler =>
  (request, _response, next) => {
    if (request.headers.cookie !== undefined) request.headers = filter(request.headers);
    next();
  };

/** Removes cookies from the request, to hide them from later handlers. */
export function hideCookies(request: Request, names: readonly string[]): void {
  if (request.headers.cookie !== undefined) request.headers = withoutCookies(request.headers, names);
}

export function setCookie(
  response: Response,
  { name, value, ...options }: { name: string; value: string } & CookieOptions,
): void {
  response.cookie(name, value, { sameSite: 'lax', httpOnly: true, path: '/', ...options });
}

export function clearCookie(response: Response, name: string): void {
  response.clearCookie(name, { path: '/' });
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
