import type { Request, RequestHandler } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import { isLoopbackHost } from './loopback.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface SameSiteOptions {
  /**
   * Ports of this machine that serve pages of the platform: the platform, the dashboard in development, the
   * gateway.
   */
  readonly ports: readonly number[];
}

/**
 * Prevents cross-site request forgery. A request that changes state and carries an Origin must come from a page
 * of the platform. One without a token must name this machine as its Host, or DNS rebinding would make it pass as
 * local. Programs send no Origin and are not affected.
 */
export function requireSameSite(options: SameSiteOptions): RequestHandler {
  return (request, _response, next) => {
    if (!SAFE_METHODS.has(request.method)) check(request, options);
    next();
  };
}

function check(request: Request, options: SameSiteOptions): void {
  const host = request.headers.host ?? '';
  if (request.headers.authorization === undefined && !isLoopbackHost(host))
    throw new PlatformError(
      'forbidden',
      `Host "${host}" is not this machine. Use http://localhost, or send a bearer token.`,
    );
  const { origin } = request.headers;
  const crossSite = request.headers['sec-fetch-site'] === 'cross-site';
  if (crossSite || (origin !== undefined && !isOurs(origin, host, request.socket.localPort, options)))
    throw new PlatformError(
      'forbidden',
      `Pages of ${origin ?? 'another site'} may not change anything here. Use the dashboard, or a program.`,
    );
}

function isOurs(
  origin: string,
  host: string,
  localPort: number | undefined,
  options: SameSiteOptions,
): boolean {
  if (!URL.canParse(origin)) return false; // "null" among them: sandboxed frames and data: pages
  const from = new URL(origin);
  if (!/^https?:$/.test(from.protocol)) return false;
  if (from.host === host.toLowerCase()) return true;
  const port = Number(from.port || (from.protocol === 'https:' ? 443 : 80));
  return isLoopbackHost(from.host) && (port === localPort || options.ports.includes(port));
}
