import { decodeJwt } from 'jose';
import type { Request } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import type { SessionOptions } from './options.ts';

/** The user of a request, and when the token expires. */
export interface SignedInUser {
  readonly principal: Principal;
  /** ISO 8601; `null` when it is not known. */
  readonly expiresAt: string | null;
}

const users = new WeakMap<Request, SignedInUser>();

export const rememberUser = (request: Request, user: SignedInUser): void => {
  users.set(request, user);
};

/** The user of the session; a bearer token does not count, so it cannot renew itself. */
export const sessionUserOf = (request: Request): SignedInUser | null => users.get(request) ?? null;

/** The user of the session or of a bearer token; `null`: anonymous. */
export async function signedInUserOf(
  options: Pick<SessionOptions, 'verifyToken'>,
  request: Request,
): Promise<SignedInUser | null> {
  const known = sessionUserOf(request);
  if (known !== null) return known;
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return null;
  const principal = await options.verifyToken(token);
  return principal === null ? null : { principal, expiresAt: expiryOf(token) };
}

/** Expiry of a verified token. */
export function expiryOf(token: string): string | null {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? null : new Date(exp * 1000).toISOString();
  } catch {
    return null; // not a JWT
  }
}
