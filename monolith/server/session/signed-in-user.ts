import { decodeJwt } from 'jose';
import type { Request } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import type { SessionOptions } from './options.ts';

/** Whoever reads the dashboard, and until when. */
export interface SignedInUser {
  readonly principal: Principal;
  /** ISO 8601; `null` when the token does not say. */
  readonly expiresAt: string | null;
}

const users = new WeakMap<Request, SignedInUser>();

export const rememberUser = (request: Request, user: SignedInUser): void => {
  users.set(request, user);
};

/** By the session alone: a bearer token cannot get itself another one. */
export const sessionUserOf = (request: Request): SignedInUser | null => users.get(request) ?? null;

/** By the session, or by a bearer token that the request brought itself; `null`: nobody. */
export async function signedInUserOf(
  options: SessionOptions,
  request: Request,
): Promise<SignedInUser | null> {
  const known = sessionUserOf(request);
  if (known !== null) return known;
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return null;
  const principal = await options.verifyToken(token);
  return principal === null ? null : { principal, expiresAt: expiryOf(token) };
}

/** When a token that has been verified ends. */
export function expiryOf(token: string): string | null {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? null : new Date(exp * 1000).toISOString();
  } catch {
    return null; // no JWT: only whoever made it knows
  }
}
