import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { permissionsOf } from '../../contracts/host/permissions.ts';
import type { Principal } from '../../contracts/tool-context.ts';
import {
  SERVICE_TOKEN_SECONDS,
  SERVICE_TOKEN_TYPE,
  TOKEN_ALGORITHMS,
  TOKEN_CLOCK_SKEW_SECONDS,
  TOKEN_ISSUER,
} from '../../contracts/tokens.ts';
import type { KeyStore } from './keys.ts';

export interface ServiceTokenRequest {
  readonly audience: string;
  readonly subject: string;
  /** Permissions of the tool; never those of the registry, nor the wildcard permission. */
  readonly permissions: readonly string[];
  /** When the credential of the caller expires, in seconds since 1970; `null`: not before the token. */
  readonly until: number | null;
}

export interface ServiceToken {
  readonly token: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** Tokens for the services of exported tools: one audience, the permissions of one tool, at most five minutes. */
export interface ServiceTokens {
  /** A token that outlives neither five minutes nor the credential of the caller. Reuses one with time left. */
  issue(request: ServiceTokenRequest): Promise<ServiceToken>;
  /** The claims of a valid token for any service; `null` for every other token. */
  verify(token: string): Promise<{ readonly audience: string; readonly principal: Principal } | null>;
}

/** A token is reused while it is valid for at least this long, so that it does not expire on its way. */
const REUSE_SECONDS = 60;
/** The oldest tokens are forgotten beyond this number. */
const MAX_KEPT = 10_000;

export function createServiceTokens(keys: KeyStore): ServiceTokens {
  const kept = new Map<string, ServiceToken>();

  const keep = (key: string, token: ServiceToken): void => {
    kept.delete(key);
    kept.set(key, token);
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  };

  return {
    async issue({ audience, subject, permissions, until }) {
      const now = Math.floor(Date.now() / 1_000);
      const scope = permissions.join(' ');
      const key = JSON.stringify([audience, subject, scope]);
      const known = kept.get(key);
      if (
        known !== undefined &&
        known.expiresAt - now >= REUSE_SECONDS &&
        known.expiresAt <= (until ?? Infinity)
      )
        return known;
      const expiresAt = Math.min(now + SERVICE_TOKEN_SECONDS, until ?? Infinity);
      const { kid, algorithm, key: signingKey } = await keys.signingKey();
      const token = await new SignJWT({ scope })
        // The type first: the gateway recognises the token by the beginning of its text
        .setProtectedHeader({ typ: SERVICE_TOKEN_TYPE, alg: algorithm, kid })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(audience)
        .setSubject(subject)
        .setJti(crypto.randomUUID())
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .sign(signingKey);
      const issued = { token, expiresAt };
      keep(key, issued);
      return issued;
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, createLocalJWKSet(await keys.jwks()), {
          algorithms: [...TOKEN_ALGORITHMS],
          issuer: TOKEN_ISSUER,
          typ: SERVICE_TOKEN_TYPE,
          requiredClaims: ['exp', 'sub', 'aud'],
          maxTokenAge: SERVICE_TOKEN_SECONDS,
          clockTolerance: TOKEN_CLOCK_SKEW_SECONDS,
        });
        if (typeof payload.aud !== 'string') return null;
        return {
          audience: payload.aud,
          principal: { subject: payload.sub ?? '', permissions: permissionsOf(payload) },
        };
      } catch {
        return null;
      }
    },
  };
}
