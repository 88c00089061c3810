import type { Request, RequestHandler, Response } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import { isLocal } from '../../../contracts/host/local-caller.ts';
import { setCaller } from '../../../registry-api/auth/principal.ts';
import { SESSION_COOKIE, cookiesOf, hideCookie } from './cookies.ts';
import { changesState, isSameOrigin, repeatsXsrfToken } from './csrf.ts';
import { expiryOf, rememberUser } from './signed-in-user.ts';
import { endSession } from './start-session.ts';
import { holdsWildcard } from './wildcard.ts';
import { oidcSignIn } from './oidc.ts';
import type { SessionOptions } from './options.ts';
import { sessionRoutes } from './routes.ts';
import { signInRoutes } from './sign-in.ts';
import { sendProblem } from '../host/tool-errors.ts';

export interface Sessions {
  /**
   * Turns the cookie of the session into a bearer token. Mount it before any code that identifies the caller. A
   * request that changes state must prove that a page of the platform made it.
   */
  readonly attach: RequestHandler;
  /** `GET|POST|DELETE /api/session`, `GET /api/session/token`, `GET /auth/sign-in`, `GET /auth/callback`. */
  readonly routes: RequestHandler;
}

/** Stateless sessions of the dashboard: a platform token in a cookie that scripts cannot read. */
export function createSessions(options: SessionOptions): Sessions {
  const provider = options.oidc === null ? null : oidcSignIn(options.oidc);
  const routes = sessionRoutes(options, provider).use(signInRoutes(options, provider));
  return { attach: attachSession(options), routes };
}

function attachSession(options: SessionOptions): RequestHandler {
  return async (request, response, next) => {
    const token = cookiesOf(request).get(SESSION_COOKIE);
    hideCookie(request, SESSION_COOKIE);
    if (token === undefined || request.headers.authorization !== undefined) {
      next();
      return;
    }
    const principal = await options.verifyToken(token);
    if (principal === null) {
      // expired, or signed with a replaced key: the user is anonymous again and sees the sign-in
      endSession(response);
      next();
      return;
    }
    if (changesState(request) && !(isSameOrigin(request) && repeatsXsrfToken(request, token))) {
      refuseForeignPage(response);
      return;
    }
    await authorize(options, request, { token, principal });
    next();
  };
}

/** Gives the request the permissions of the session, for later handlers and proxied services. */
async function authorize(
  { issueToken }: SessionOptions,
  request: Request,
  { token, principal }: { readonly token: string; readonly principal: Principal },
): Promise<void> {
  const expiresAt = expiryOf(token);
  if (!holdsWildcard(principal)) {
    rememberUser(request, { principal, expiresAt });
    request.headers.authorization = `Bearer ${token}`;
    return;
  }
  const wildcard: Principal = { subject: principal.subject, permissions: ['*'] };
  rememberUser(request, { principal: wildcard, expiresAt });
  setCaller(request, { principal: wildcard, refusal: null, local: isLocal(request) });
  // Services verify tokens and do not know the wildcard permission
  request.headers.authorization = `Bearer ${await issueToken({ ...wildcard, ttlSeconds: 60 })}`;
}

function refuseForeignPage(response: Response): void {
  sendProblem(response, {
    status: 403,
    code: 'forbidden',
    detail: 'The request does not come from a page of this platform. Reload the page and try again.',
  });
}
