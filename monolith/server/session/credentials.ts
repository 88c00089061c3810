import { decodeJwt } from 'jose';
import type { Request, RequestHandler } from 'express';
import { grants } from '../../../contracts/host/permissions.ts';
import { serviceAudience } from '../../../contracts/tokens.ts';
import { callerOf, setCaller, type Caller } from '../../../registry-api/auth/principal.ts';
import type { ServiceToken, ServiceTokens } from '../../../registry-api/auth/service-tokens.ts';
import type { ToolAccess } from './tool-access.ts';
import type { AuthorizationFor } from '../host/forward.ts';
import { expiryOf, sessionUserOf } from './signed-in-user.ts';

export interface CredentialsOptions {
  readonly tokens: ServiceTokens;
  readonly access: ToolAccess;
  /** Audience that the service of an exported tool was exported with; `undefined`: its own. */
  readonly recordedAudience: (toolId: string) => string | undefined;
  /** Issuers whose tokens the platform accepts. */
  readonly issuers: readonly string[];
  /** Whether a service must not identify callers whom the platform does not know: it may take them for the developer. */
  readonly refusesAnonymous?: boolean;
}

/** What the code of a tool gets instead of the caller's credential. */
export interface Exchanged {
  /** Header `Authorization`; `null`: none. */
  readonly authorization: string | null;
  /** The token in it, when the platform has issued one. */
  readonly token: ServiceToken | null;
}

/** Exchanges credentials of callers for tokens that are valid at one tool only. */
export interface Credentials {
  /**
   * Mount at addresses of tools, behind `authenticate`. Accepts a token for a service at the address of its own tool, and
   * at those of the tools that its manifest names under `dependencies`.
   */
  readonly accept: RequestHandler;
  /**
   * The header `Authorization` for a tool. A token that the platform accepts, or might accept at another time, never
   * reaches a tool.
   */
  exchange(request: Request, toolId: string): Promise<Exchanged>;
}

/** The header `Authorization` that the code of a tool gets for a request; `null`: none. */
export const authorizationOf =
  ({ exchange }: Pick<Credentials, 'exchange'>): AuthorizationFor =>
  async (request, toolId) =>
    (await exchange(request, toolId)).authorization;

/** Stands for a token that was rejected: the service rejects it too, and public endpoints ignore it. */
const REJECTED: Exchanged = { authorization: 'Bearer rejected-by-the-platform', token: null };

export function createCredentials(options: CredentialsOptions): Credentials {
  const { tokens, access, recordedAudience, issuers, refusesAnonymous = false } = options;
  const audienceOf = (toolId: string): string => recordedAudience(toolId) ?? serviceAudience(toolId);

  const mayCall = async (audience: string, toolId: string): Promise<boolean> => {
    if (audience === audienceOf(toolId) || audience === serviceAudience(toolId)) return true;
    const from = /^tool:(.+)$/.exec(audience)?.[1];
    return from !== undefined && ((await access.of(from))?.dependencies.includes(toolId) ?? false);
  };

  /** The caller, who may hold a token for a service. */
  const callerAt = async (request: Request, toolId: string): Promise<Caller> => {
    const caller = callerOf(request);
    const token = bearerOf(request);
    if (caller.refusal === null || token === null) return caller;
    const found = await tokens.verify(token);
    if (found === null || !(await mayCall(found.audience, toolId))) return caller;
    return { principal: found.principal, refusal: null, local: caller.local };
  };

  return {
    async accept(request, _response, next) {
      setCaller(request, await callerAt(request, String(request.params['toolId'])));
      next();
    },
    async exchange(request, toolId) {
      const { principal, refusal } = await callerAt(request, toolId);
      const { authorization } = request.headers;
      if (refusal !== null)
        return authorization !== undefined && isNeverAccepted(authorization, issuers)
          ? { authorization, token: null }
          : REJECTED;
      if (principal === null && refusesAnonymous) return REJECTED;
      const credential = credentialOf(request);
      // Without a credential, the service identifies the caller by the same rules
      if (principal === null || credential === null) return { authorization: null, token: null };
      const { permissions } = (await access.of(toolId)) ?? { permissions: [] };
      const token = await tokens.issue({
        audience: audienceOf(toolId),
        subject: principal.subject,
        permissions: permissions.filter((permission) => grants(principal, permission)),
        until: credential.until,
      });
      return { authorization: `Bearer ${token.token}`, token };
    },
  };
}

const bearerOf = (request: Request): string | null =>
  /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;

/**
 * When the session or token of a request expires, in seconds since 1970; `until` is `null` for the session of an application,
 * which does not say. `null` without either.
 */
function credentialOf(request: Request): { readonly until: number | null } | null {
  const session = sessionUserOf(request);
  const token = bearerOf(request);
  if (session === null && token === null) return null;
  if (session !== null) return { until: session.expiresAt === null ? null : secondsOf(session.expiresAt) };
  const expiry = expiryOf(token ?? '');
  return { until: expiry === null ? 0 : secondsOf(expiry) };
}

const secondsOf = (iso: string): number => Math.floor(Date.parse(iso) / 1_000);

/** Header text that may be a JWT. */
const JWT = /[\w-]+\.[\w-]+\.[\w-]*/g;

/**
 * Whether the platform accepts the header at no time: another scheme, a key of the tool's own, or a token of an issuer that
 * the platform does not trust.
 */
export function isNeverAccepted(authorization: string, issuers: readonly string[]): boolean {
  return (authorization.match(JWT) ?? []).every((token) => {
    try {
      return !issuers.includes(decodeJwt(token).iss ?? '');
    } catch {
      return true; // not a JWT
    }
  });
}
