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
/** Tolerated clock skew in seconds. */
export const TOKEN_CLOCK_SKEW_SECONDS = 30;
