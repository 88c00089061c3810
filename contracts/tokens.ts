import type { Settings } from './settings.ts';

/**
 * Claims of platform tokens, and the checks of every verifier. The issuer is a name and not an address, so it
 * survives a move of the platform to another port or host.
 */
export const TOKEN_ISSUER = 'generator-platform';
export const TOKEN_AUDIENCE = 'generator-platform';
/** Accepted algorithms. */
export const TOKEN_ALGORITHMS: readonly string[] = ['ES256'];
/** Path of the public keys, below the address of the platform. */
export const JWKS_PATH = '/.well-known/jwks.json';
/** `AUTH_MODE` of a service: it requires tokens exactly when the platform does. */
export const authModeOf = (mode: Settings['mode']): 'required' | 'development' =>
  mode === 'production' ? 'required' : 'development';
/** Environment of a service that accepts the tokens of the platform at this address. */
export const tokenEnvironment = (platformUrl: string): Readonly<Record<string, string>> => ({
  PLATFORM_SERVICE_URL: platformUrl,
  PLATFORM_JWKS_URL: `${platformUrl}${JWKS_PATH}`,
  PLATFORM_ISSUER: TOKEN_ISSUER,
  PLATFORM_AUDIENCE: TOKEN_AUDIENCE,
});
/** Tolerated clock skew in seconds. */
export const TOKEN_CLOCK_SKEW_SECONDS = 30;
