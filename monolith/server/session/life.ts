import { decodeJwt } from 'jose';
import type { Request, Response } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import type { SessionOptions } from './session.ts';
import { SESSION_COOKIE, XSRF_COOKIE, clearCookie, setCookie } from './cookies.ts';
import { xsrfTokenOf } from './csrf.ts';
import { packed } from './everything.ts';

/** A working day. */
const TTL_SECONDS = 8 * 60 * 60;

/** Whoever reads the dashboard, and until when. */
export interface Reader {
  readonly principal: Principal;
  /** ISO 8601; `null` when the token does not say. */
  readonly expiresAt: string | null;
}

const readers = new WeakMap<Request, Reader>();

export const rememberReader = (request: Request, reader: Reader): void => {
  readers.set(request, reader);
};

/** By the session alone: a bearer token cannot get itself another one. */
export const sessionReaderOf = (request: Request): Reader | null => readers.get(request) ?? null;

/** By the session, or by a bearer token that the request brought itself; `null`: nobody. */
export async function readerOf(options: SessionOptions, request: Request): Promise<Reader | null> {
  const known = sessionReaderOf(request);
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

/** Ends by itself with the working day, however busy it is: rights that were taken away do not live on. */
export async function startSession(
  { issueToken }: SessionOptions,
  request: Request,
  response: Response,
  principal: Principal,
): Promise<void> {
  const token = await issueToken({ ...packed(principal), ttlSeconds: TTL_SECONDS });
  const life = { secure: request.secure, maxAge: TTL_SECONDS * 1000 };
  setCookie(response, { name: SESSION_COOKIE, value: token, ...life });
  setCookie(response, { name: XSRF_COOKIE, value: xsrfTokenOf(token), httpOnly: false, ...life });
}

export function endSession(response: Response): void {
  clearCookie(response, SESSION_COOKIE);
  clearCookie(response, XSRF_COOKIE);
}
