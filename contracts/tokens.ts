/**
 * What the platform writes into the tokens it issues, and what everybody who accepts them insists on. The issuer
 * is a name and not an address: the platform keeps it when it moves to another port or host.
 */
export const TOKEN_ISSUER = 'generator-platform';
export const TOKEN_AUDIENCE = 'generator-platform';
/** The only algorithms that are accepted. */
export const TOKEN_ALGORITHMS: readonly string[] = ['ES256'];
/** Where the public keys are, below the platform's address. */
export const JWKS_PATH = '/.well-known/jwks.json';
/** Seconds that two clocks may differ. */
export const TOKEN_CLOCK_SKEW_SECONDS = 30;
