import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { PlatformError } from '../../contracts/errors.ts';
import { permissionsOf } from '../../contracts/host/permissions.ts';
import type { Principal } from '../../contracts/tool-context.ts';
import {
  SERVICE_TOKEN_TYPE,
  TOKEN_ALGORITHMS,
  TOKEN_AUDIENCE,
  TOKEN_CLOCK_SKEW_SECONDS,
  TOKEN_ISSUER,
} from '../../contracts/tokens.ts';
import type { Verifier } from './authenticate.ts';

export interface VerifierOptions {
  /** Public keys of the platform, read on every use so that a rotation takes effect at once. */
  readonly jwks: () => Promise<JSONWebKeySet>;
  readonly issuer?: string;
  readonly audience?: string;
  /** URL of an OpenID Connect issuer whose tokens are accepted too; they must name the audience of the platform. */
  readonly oidcIssuer?: string | null;
}

interface Trust {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly algorithms: readonly string[];
  readonly mayGrant: (permission: string) => boolean;
}

const OIDC_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/**
 * Verifies signature, issuer, audience, expiry and algorithm, and rejects a token that cannot be verified, or that is for
 * a service. The `iss` claim only selects one of the trusted key sets; keys inside a token are ignored.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const own: Trust = {
    keys: async (header, token) => createLocalJWKSet(await options.jwks())(header, token),
    issuer: options.issuer ?? TOKEN_ISSUER,
    algorithms: TOKEN_ALGORITHMS,
    mayGrant: () => true,
  };
  const foreign = typeof options.oidcIssuer === 'string' ? oidcTrust(options.oidcIssuer) : null;
  return async (token) => {
    try {
      const trust = foreign !== null && decodeJwt(token).iss === foreign.issuer ? foreign : own;
      const { payload, protectedHeader } = await jwtVerify(token, trust.keys, {
        algorithms: [...trust.algorithms],
        issuer: trust.issuer,
        audience: options.audience ?? TOKEN_AUDIENCE,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: TOKEN_CLOCK_SKEW_SECONDS,
      });
      if (protectedHeader.typ === SERVICE_TOKEN_TYPE) throw new Error('it was issued for a service');
      return toPrincipal(payload, trust);
    } catch (cause) {
      throw new PlatformError('unauthenticated', `The token is not accepted: ${reason(cause)}.`, { cause });
    }
  };
}

/** Reads the discovery document with the first token, so that the platform starts without its identity provider. */
function oidcTrust(issuer: string): Trust {
  let remote: Promise<JWTVerifyGetKey> | null = null;
  return {
    issuer,
    algorithms: OIDC_ALGORITHMS,
    // only the platform itself issues the token of a session
    mayGrant: (permission) => !permission.startsWith('platform:'),
    keys: async (header, token) => {
      remote ??= discover(issuer);
      remote.catch(() => {
        remote = null; // retry with the next token
      });
      return (await remote)(header, token);
    },
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  const found = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (found.issuer !== issuer || typeof found.jwks_uri !== 'string')
    throw new Error(`${address} does not describe the issuer ${issuer}`);
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: 5_000 });
}

/** Drops permissions that the issuer may not grant. */
function toPrincipal(payload: JWTPayload, { mayGrant }: Trust): Principal {
  return { subject: payload.sub ?? '', permissions: permissionsOf(payload).filter(mayGrant) };
}

/** The message of jose, which names the claim and never contains the token. */
const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : 'it cannot be read');
