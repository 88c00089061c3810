import type { Settings } from './settings.ts';

/**
 * Claims of platform tokens, and the checks of every verifier. The issuer is a name and not an address, so it
 * survives a move of the platform to another port or host.
 */
export const TOKEN_ISSUER = 'generator-platform';
/** Audience of tokens for the platform itself. No service accepts it. */
export const TOKEN_AUDIENCE = 'generator-platform';
/** Audience of the tokens that the service of a tool accepts. */
export const serviceAudience = (toolId: string): string => `tool:${toolId}`;
/** The header `typ` of tokens for services, which the platform itself refuses (RFC 8725, 3.11). */
export const SERVICE_TOKEN_TYPE = 'service+jwt';
/** Longest lifetime of a token for a service; the service refuses older ones. */
export const SERVICE_TOKEN_SECONDS = 300;
/** Accepted algorithms. */
export const TOKEN_ALGORITHMS: readonly string[] = ['ES256'];
/** Path of the public keys, below the address of the platform. */
export const JWKS_PATH = '/.well-known/jwks.json';
/** `AUTH_MODE` of a service: it requires tokens exactly when the platform does. */
export const authModeOf = (mode: Settings['mode']): 'required' | 'development' =>
  mode === 'production' ? 'required' : 'development';
/** Environment of the service of a tool, which accepts tokens that the platform at this address issues for it. */
export const tokenEnvironment = (platformUrl: string, toolId: string): Readonly<Record<string, string>> => ({
  PLATFORM_SERVICE_URL: platformUrl,
  PLATFORM_JWKS_URL: `${platformUrl}${JWKS_PATH}`,
  PLATFORM_ISSUER: TOKEN_ISSUER,
  PLATFORM_AUDIENCE: serviceAudience(toolId),
});
/** Tolerated clock skew in seconds. */
export const TOKEN_CLOCK_SKEW_SECONDS = 30;
