import { SignJWT } from 'jose';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../contracts/tokens.ts';
import { LONGEST_TTL_SECONDS, type KeyStore } from './keys.ts';

export interface TokenRequest {
  readonly subject: string;
  /** `domain:verb` permissions of the registry (`tools:write`) and of tools. */
  readonly permissions: readonly string[];
  /** Seconds, at most 30 days. */
  readonly ttlSeconds: number;
}

/**
 * Issues a signed token (JWT, ES256) that the platform accepts until it expires. Services accept none: the platform
 * exchanges it for theirs.
 *
 * @throws RangeError for a lifetime out of bounds.
 */
export async function issueToken(keys: KeyStore, request: TokenRequest): Promise<string> {
  const { subject, permissions, ttlSeconds } = request;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > LONGEST_TTL_SECONDS)
    throw new RangeError(
      `The lifetime of a token must be 1 to ${LONGEST_TTL_SECONDS} seconds, not ${ttlSeconds}.`,
    );
  const { kid, algorithm, key } = await keys.signingKey();
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ scope: permissions.join(' ') })
    .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(key);
}
