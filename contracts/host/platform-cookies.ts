import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';

/** The token of the session. Not readable by scripts; sent by pages of this site and with links to it. */
export const SESSION_COOKIE = 'platform_session';
/**
 * The value that a page repeats in the header `X-XSRF-TOKEN`; readable by scripts, and useless without the
 * session.
 */
export const XSRF_COOKIE = 'XSRF-TOKEN';
/** State of a pending sign-in of this browser. */
export const SIGN_IN_COOKIE = 'platform_sign_in';

/** Cookies that the platform sets. A tool neither sees nor sets them. */
export const PLATFORM_COOKIES: readonly string[] = [SESSION_COOKIE, XSRF_COOKIE, SIGN_IN_COOKIE];

/** The headers of a request without these cookies. */
export function withoutCookies(
  { cookie = '', ...headers }: IncomingHttpHeaders,
  names: readonly string[],
): IncomingHttpHeaders {
  const rest = cookie
    .split(';')
    .filter((part) => part.trim() !== '' && !names.includes(part.split('=', 1)[0]?.trim() ?? ''));
  return rest.length === 0 ? headers : { ...headers, cookie: rest.join(';').trim() };
}

/** The values of `Set-Cookie` that set no cookie of the platform. */
export function withoutPlatformCookies(values: readonly string[]): string[] {
  return values.filter((value) => !PLATFORM_COOKIES.includes(cookieName(value)));
}

/** A browser sends a cookie without a name as its value, so `=platform_session=x` returns as `platform_session=x`. */
const cookieName = (value: string): string => /^[\s=]*([^=;]*)/.exec(value)?.[1]?.trim() ?? '';

/** Removes cookies of the platform from answers. Mount it before the tool. */
export const keepPlatformCookies: RequestHandler = (_request, response, next) => {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number, ...rest: readonly unknown[]): typeof response => {
    const headers = rest.at(-1);
    if (typeof headers === 'object' && headers !== null) setHeaders(response, headers);
    removePlatformCookies(response);
    const [message] = rest;
    return typeof message === 'string' ? writeHead(status, message) : writeHead(status);
  };
  next();
};

/** As `writeHead` does: they replace those that are set already. */
function setHeaders(response: ServerResponse, headers: object): void {
  const pairs = Array.isArray(headers) ? pairsOf(headers) : Object.entries(headers);
  for (const [name] of pairs) response.removeHeader(name);
  for (const [name, value] of pairs)
    response.appendHeader(name, Array.isArray(value) ? value.map(String) : String(value));
}

/** Names and values in turn, or pairs of them. */
function pairsOf(headers: readonly unknown[]): (readonly [string, unknown])[] {
  if (headers.every(Array.isArray)) return headers.map(([name, value]: unknown[]) => [String(name), value]);
  return headers.flatMap((name, i) => (i % 2 === 0 ? [[String(name), headers[i + 1]] as const] : []));
}

function removePlatformCookies(response: ServerResponse): void {
  const value = response.getHeader('Set-Cookie');
  if (value === undefined) return;
  const kept = withoutPlatformCookies([value].flat().map(String));
  if (kept.length === 0) response.removeHeader('Set-Cookie');
  else response.setHeader('Set-Cookie', kept);
}
