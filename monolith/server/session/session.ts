import type { Request, RequestHandler, Response } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import { isLocal } from '../../../contracts/host/local-caller.ts';
import { SESSION_COOKIE } from '../../../contracts/host/platform-cookies.ts';
import { setCaller } from '../../../registry-api/auth/principal.ts';
import { cookiesOf, hideCookies } from './cookies.ts';
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
   * Identifies the caller by the cookie of the session. Mount it before any other code that identifies callers. A request
   * that changes state must prove that a page of the platform made it. Later handlers do not see the cookie.
   */
  readonly attach: RequestHandler;
  /** `GET|POST|DELETE /api/session`, `GET /auth/sign-in`, `GET /auth/callback`. */
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
    hideCookies(request, [SESSION_COOKIE]);
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
    authorize(request, { token, principal });
    next();
  };
}

/** Gives the request the permissions of the session. */
function authorize(
  request: Request,
  { token, principal: held }: { readonly token: string; readonly principal: Principal },
): void {
  const principal = holdsWildcard(held) ? { subject: held.subject, permissions: ['*'] } : held;
  rememberUser(request, { principal, expiresAt: expiryOf(token) });
  setCaller(request, { principal, refusal: null, local: isLocal(request) });
}

export function refuseForeignPage(response: Response): void {
  sendProblem(response, {
    status: 403,
    code: 'forbidden',
    detail: 'The request does not come from a page of this platform. Reload the page and try again.',
  });
}
