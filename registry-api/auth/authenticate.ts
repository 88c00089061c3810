import type { Request, RequestHandler } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import { grants } from '../../contracts/host/permissions.ts';
import type { Principal } from '../../contracts/tool-context.ts';
import { isLocal } from '../../contracts/host/local-caller.ts';
import { isDeveloper } from '../../contracts/host/same-site.ts';
import { callerOf, findCaller, principalOf, setCaller } from './principal.ts';

/** Verifies a token and returns its principal. @throws PlatformError `unauthenticated`. */
export type Verifier = (token: string) => Promise<Principal>;

export interface AuthenticateOptions {
  readonly mode: 'development' | 'production';
  readonly verify: Verifier;
  /** Ports of this machine that serve pages of the platform: the dashboard in development, the gateway. */
  readonly ports?: readonly number[];
}

/** The principal of a request from this machine without a token, in development mode. Not of a page of another site. */
export const DEVELOPER: Principal = { subject: 'developer', permissions: ['*'] };

/**
 * Identifies the caller and refuses no request: {@link requireScope} and {@link requireReadAccess} check
 * permissions. Safe to mount twice. A token that is sent is always verified.
 */
export function authenticate(options: AuthenticateOptions): RequestHandler {
  return async (request, _response, next) => {
    if (findCaller(request) === undefined) {
      const local = isLocal(request);
      try {
        const token = bearerToken(request);
        const principal =
          token !== null
            ? await options.verify(token)
            : options.mode === 'development' && isDeveloper(request, { ports: options.ports ?? [] })
              ? DEVELOPER
              : null;
        setCaller(request, { principal, refusal: null, local });
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        setCaller(request, { principal: null, refusal: error, local });
      }
    }
    next();
  };
}

/** Lets a caller with the permission pass: 401 without a caller, 403 without the permission. */
export function requireScope(scope: string): RequestHandler {
  return (request, _response, next) => {
    if (!grants(principalOf(request), scope))
      throw new PlatformError(
        'forbidden',
        `The token does not carry "${scope}". Get one that does: npm run token -- --scope=${scope}`,
      );
    next();
  };
}

/** Lets requests from this machine pass, and every request with a valid token. */
export function requireReadAccess(): RequestHandler {
  return (request, _response, next) => {
    const { local, refusal } = callerOf(request);
    if (!local || refusal !== null) principalOf(request);
    next();
  };
}

function bearerToken(request: Request): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const token = /^Bearer +([^\s,]+) *$/i.exec(header)?.[1];
  if (token !== undefined) return token;
  throw new PlatformError('unauthenticated', 'The Authorization header must read: Bearer <token>.');
}
