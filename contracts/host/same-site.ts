import type { Request, RequestHandler } from 'express';
import { HttpProblem } from '../http-problem.ts';
import { isLocal, isLoopbackHost } from './local-caller.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface OwnPages {
  /** Ports of this machine, beside the one that is asked, which serve pages of the platform. */
  readonly ports: readonly number[];
}

export interface SameSiteOptions extends OwnPages {
  /**
   * Whether a request without a token must name this machine as its Host. Needed where callers on this machine need no
   * token: DNS rebinding would make a page of another site pass as one.
   */
  readonly anonymousOnLoopback: boolean;
  /** Whether a request without a token is of a user who is signed in otherwise, such as by a cookie. Default: it is not. */
  readonly isSignedIn?: (request: Request) => boolean;
}

/**
 * Prevents cross-site request forgery. A request that changes state and carries an Origin must come from a page
 * of this host. Programs send no Origin and are not affected.
 *
 * @throws HttpProblem 403, from the handler
 */
export function requireSameSite(options: SameSiteOptions): RequestHandler {
  return (request, _response, next) => {
    if (!SAFE_METHODS.has(request.method)) check(request, options);
    next();
  };
}

/** Whether a caller without a token acts as the developer of this machine. For development mode. */
export const isDeveloper = (
  request: Request,
  { isNeighbour, ...pages }: OwnPages & { readonly isNeighbour?: (address: string) => boolean },
): boolean => isLocal(request, isNeighbour) && !isFromForeignPage(request, pages);

function check(request: Request, options: SameSiteOptions): void {
  const { host = '', authorization, origin } = request.headers;
  const anonymous = authorization === undefined && options.isSignedIn?.(request) !== true;
  if (options.anonymousOnLoopback && anonymous && !isLoopbackHost(host))
    throw forbidden(`Host "${host}" is not this machine. Use http://localhost, or send a bearer token.`);
  if (isFromForeignPage(request, options))
    throw forbidden(
      `Pages of ${origin ?? 'another site'} may not change anything here. Use a page of this address, or a program.`,
    );
}

function isFromForeignPage(request: Request, pages: OwnPages): boolean {
  const { origin } = request.headers;
  if (request.headers['sec-fetch-site'] === 'cross-site') return true;
  return origin !== undefined && !isOurs(origin, request, pages);
}

function isOurs(origin: string, request: Request, { ports }: OwnPages): boolean {
  if (!URL.canParse(origin)) return false; // "null" among them: sandboxed frames and data: pages
  const from = new URL(origin);
  if (!/^https?:$/.test(from.protocol)) return false;
  if (from.host === (request.headers.host ?? '').toLowerCase()) return true;
  const port = Number(from.port || (from.protocol === 'https:' ? 443 : 80));
  return isLoopbackHost(from.host) && (port === request.socket.localPort || ports.includes(port));
}

const forbidden = (detail: string): HttpProblem => new HttpProblem(403, 'forbidden', detail);
