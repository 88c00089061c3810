import { Router, json, type Response } from 'express';
import { DEVELOPER } from '../../../registry-api/auth/authenticate.ts';
import { isLocal } from '../../../contracts/host/local-caller.ts';
import { sendProblem } from '../host/tool-errors.ts';
import { isSameOrigin } from './csrf.ts';
import { permissionsOf, type OidcSignIn } from './oidc.ts';
import type { SessionOptions } from './options.ts';
import { originOf } from './sign-in.ts';
import { signedInUserOf } from './signed-in-user.ts';
import { endSession, startSession } from './start-session.ts';

/** The signed-in user, one-click sign-in in development mode, and sign-out. */
export function sessionRoutes(options: SessionOptions, provider: OidcSignIn | null): Router {
  const { mode } = options;
  const router = Router();

  router.get('/api/session', async (request, response) => {
    const user = await signedInUserOf(options, request);
    const developer = mode === 'development' && isLocal(request) ? DEVELOPER : null;
    response.set('Cache-Control', 'no-store').json({
      mode,
      principal: user?.principal ?? developer,
      signedIn: user !== null,
      expiresAt: user?.expiresAt ?? null,
      signIn: mode === 'development' ? 'development' : provider === null ? 'none' : 'oidc',
    });
  });

  router.post('/api/session', json({ limit: '16kb' }), async (request, response) => {
    if (mode !== 'development' || !isLocal(request) || !isSameOrigin(request)) {
      refuse(response, 'One-click sign-in works only in development mode and on this machine.');
      return;
    }
    const body = (request.body ?? {}) as Record<string, unknown>;
    const subject = typeof body['subject'] === 'string' ? body['subject'].trim().slice(0, 100) : '';
    const permissions = body['permissions'] === undefined ? ['*'] : permissionsOf(body['permissions']);
    await startSession(options, request, response, { subject: subject || DEVELOPER.subject, permissions });
    response.status(204).end();
  });

  router.delete('/api/session', async (request, response) => {
    if (!isSameOrigin(request)) {
      refuse(response, 'Sign out from a page of this platform.');
      return;
    }
    endSession(response);
    // Signs out of the provider too, or the next user of this browser would be signed in with one click
    const next = await provider?.leave(`${originOf(request)}/sign-in`).catch(() => null);
    response.json({ continueAt: next?.href ?? null });
  });
  return router;
}

function refuse(response: Response, detail: string): void {
  sendProblem(response, { status: 403, code: 'forbidden', detail });
}
