import type { IncomingMessage } from 'node:http';
import { Router } from 'express';
import { isLocal } from '../../../contracts/host/local-caller.ts';
import type { Principal } from '../../../contracts/tool-context.ts';
import { setCaller } from '../../../registry-api/auth/principal.ts';
import { sendProblem } from '../host/tool-errors.ts';
import { changesState, isSameOrigin } from './csrf.ts';
import type { SessionOptions } from './options.ts';
import { refuseForeignPage, type Sessions } from './session.ts';
import { rememberUser, signedInUserOf } from './signed-in-user.ts';

const users = new WeakMap<IncomingMessage, Principal | null>();

/** The user whom the application has identified; `null`: a visitor who is not signed in. */
export const setHostUser = (request: IncomingMessage, user: Principal | null): void => {
  users.set(request, user);
};

/**
 * Sessions of the application that the platform is part of. The application signs in and out; a request without its session
 * or a bearer token is anonymous, in development mode as well.
 */
export function createHostSessions(options: Pick<SessionOptions, 'mode' | 'verifyToken'>): Sessions {
  const routes = Router();
  routes.get('/api/session', async (request, response) => {
    const user = await signedInUserOf(options, request);
    response.set('Cache-Control', 'no-store').json({
      mode: options.mode,
      principal: user?.principal ?? null,
      signedIn: user !== null,
      expiresAt: user?.expiresAt ?? null,
      signIn: 'host',
    });
  });
  routes.all('/api/session', (_request, response) => {
    sendProblem(response, {
      status: 403,
      code: 'forbidden',
      detail: 'The application that this platform is part of signs users in and out.',
    });
  });
  return {
    routes,
    attach(request, response, next) {
      const user = users.get(request) ?? null;
      if (user !== null) {
        if (changesState(request) && !isSameOrigin(request)) {
          refuseForeignPage(response);
          return;
        }
        rememberUser(request, { principal: user, expiresAt: null });
        setCaller(request, { principal: user, refusal: null, local: isLocal(request) });
      } else if (request.headers.authorization === undefined)
        setCaller(request, { principal: null, refusal: null, local: isLocal(request) });
      next();
    },
  };
}
