import { Router, type Request } from 'express';
import { SIGN_IN_COOKIE } from '../../../contracts/host/platform-cookies.ts';
import { clearCookie, cookiesOf, setCookie } from './cookies.ts';
import type { OidcSignIn, SignInAttempt } from './oidc.ts';
import type { SessionOptions } from './options.ts';
import { startSession } from './start-session.ts';

const SIGN_IN_SECONDS = 10 * 60;

/**
 * Sign-in by redirect to the provider and back. The state to verify is in a cookie of this browser. Without a
 * provider, redirects to the sign-in page of the dashboard.
 */
export function signInRoutes(options: SessionOptions, provider: OidcSignIn | null): Router {
  const router = Router();
  if (provider === null) {
    router.get('/auth/sign-in', (request, response) => {
      response.redirect(303, `/sign-in?to=${encodeURIComponent(returnPath(request.query['to']))}`);
    });
    return router;
  }

  router.get('/auth/sign-in', async (request, response) => {
    try {
      const { url, attempt } = await provider.begin(callbackUrl(request), returnPath(request.query['to']));
      setCookie(response, {
        name: SIGN_IN_COOKIE,
        value: JSON.stringify(attempt),
        secure: request.secure,
        maxAge: SIGN_IN_SECONDS * 1000,
      });
      response.redirect(303, url.href);
    } catch {
      response.redirect(303, '/sign-in?problem=provider');
    }
  });

  router.get('/auth/callback', async (request, response) => {
    const attempt = attemptOf(cookiesOf(request).get(SIGN_IN_COOKIE));
    clearCookie(response, SIGN_IN_COOKIE);
    if (attempt === null) {
      response.redirect(303, '/sign-in?problem=expired');
      return;
    }
    try {
      const callback = new URL(request.originalUrl, callbackUrl(request));
      const principal = await provider.finish(callback, attempt);
      await startSession(options, request, response, principal);
      response.redirect(303, attempt.returnTo);
    } catch {
      response.redirect(303, '/sign-in?problem=refused');
    }
  });
  return router;
}

/** The origin that the browser uses, as forwarded by the gateway. */
export const originOf = (request: Request): string =>
  `${request.protocol}://${request.get('host') ?? 'localhost'}`;

const callbackUrl = (request: Request): string => `${originOf(request)}/auth/callback`;

/** A path on this site; rejects open redirects to another host. */
function returnPath(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) ? value : '/tools';
}

function attemptOf(cookie: string | undefined): SignInAttempt | null {
  try {
    const attempt = JSON.parse(cookie ?? '') as Partial<SignInAttempt>;
    const { state, nonce, codeVerifier, returnTo } = attempt;
    if (typeof state !== 'string' || typeof nonce !== 'string' || typeof codeVerifier !== 'string')
      return null;
    return { state, nonce, codeVerifier, returnTo: returnPath(returnTo) };
  } catch {
    return null;
  }
}
