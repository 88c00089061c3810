import type { Request, Response } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import { SESSION_COOKIE, XSRF_COOKIE } from '../../../contracts/host/platform-cookies.ts';
import { clearCookie, setCookie } from './cookies.ts';
import { xsrfTokenOf } from './csrf.ts';
import type { SessionOptions } from './options.ts';
import { withWildcard } from './wildcard.ts';

/** One working day. */
const TTL_SECONDS = 8 * 60 * 60;

/** Starts a session with a fixed lifetime and no renewal, so that revoked permissions expire. */
export async function startSession(
  { issueToken }: SessionOptions,
  request: Request,
  response: Response,
  principal: Principal,
): Promise<void> {
  const token = await issueToken({ ...withWildcard(principal), ttlSeconds: TTL_SECONDS });
  const life = { secure: request.secure, maxAge: TTL_SECONDS * 1000 };
  setCookie(response, { name: SESSION_COOKIE, value: token, ...life });
  setCookie(response, { name: XSRF_COOKIE, value: xsrfTokenOf(token), httpOnly: false, ...life });
}

export function endSession(response: Response): void {
  clearCookie(response, SESSION_COOKIE);
  clearCookie(response, XSRF_COOKIE);
}
