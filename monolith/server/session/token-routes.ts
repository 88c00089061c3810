import { Router } from 'express';
import type { Principal } from '../../../contracts/tool-context.ts';
import { grants } from '../../../contracts/host/permissions.ts';
import { SERVICE_TOKEN_SECONDS, TOKEN_AUDIENCE } from '../../../contracts/tokens.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ServiceTokens } from '../../../registry-api/auth/service-tokens.ts';
import { isSameOrigin } from './csrf.ts';
import type { Credentials } from './credentials.ts';
import { sessionUserOf } from './signed-in-user.ts';
import type { ToolAccess } from './tool-access.ts';

export interface TokenRoutesOptions {
  readonly credentials: Credentials;
  readonly access: ToolAccess;
  readonly tokens: ServiceTokens;
  /** Permissions of all exported tools. */
  readonly exportedPermissions: () => Promise<readonly string[]>;
}

/** The gateway reads it from here, because it cannot read a body. */
const EXCHANGED_HEADER = 'X-Service-Authorization';

/**
 * `GET /api/session/token?tool=ID`: a token for the service of a tool, in exchange for a session or a bearer token. Used by
 * pages of exported tools, by the gateway, and by programs that call a service directly.
 */
export function tokenRoutes({
  credentials,
  access,
  tokens,
  exportedPermissions,
}: TokenRoutesOptions): Router {
  const router = Router();

  router.get('/api/session/token', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const { tool } = request.query;
    const session = sessionUserOf(request);
    const mayUseSession = session !== null && isSameOrigin(request);
    if (session !== null && !mayUseSession) {
      response.json(answerOf(null));
      return;
    }
    if (tool === undefined) {
      const issued = session && (await tokenOfOlderPage(session.principal, session.expiresAt));
      response.json(answerOf(issued));
      return;
    }
    if (typeof tool !== 'string' || (await access.of(tool)) === null)
      throw new PlatformError(
        'tool-not-found',
        `No tool ${JSON.stringify(tool)} is registered. See GET /api/tools.`,
      );
    const { authorization, token } = await credentials.exchange(request, tool);
    if (authorization !== null) response.set(EXCHANGED_HEADER, authorization);
    response.json(answerOf(token));
  });

  /** Pages that were exported before tokens had an audience of their own do not name their tool. */
  const tokenOfOlderPage = async (
    principal: Principal,
    expiresAt: string | null,
  ): ReturnType<ServiceTokens['issue']> =>
    tokens.issue({
      audience: TOKEN_AUDIENCE,
      subject: principal.subject,
      permissions: (await exportedPermissions()).filter((permission) => grants(principal, permission)),
      until: expiresAt === null ? null : Math.floor(Date.parse(expiresAt) / 1_000),
    });

  return router;
}

const answerOf = (
  issued: Awaited<ReturnType<ServiceTokens['issue']>> | null,
): { readonly accessToken: string | null; readonly expiresIn: number } => ({
  accessToken: issued?.token ?? null,
  expiresIn:
    issued === null ? SERVICE_TOKEN_SECONDS : Math.max(1, issued.expiresAt - Math.floor(Date.now() / 1_000)),
});
