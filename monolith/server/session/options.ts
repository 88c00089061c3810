import type { Principal } from '../../../contracts/tool-context.ts';
import type { OidcClient } from './oidc.ts';

export interface SessionOptions {
  readonly mode: 'development' | 'production';
  /** Sign-in provider in production; `null`: none, and only bearer tokens allow changes. */
  readonly oidc: OidcClient | null;
  /** Issues a token of the platform that is valid for `ttlSeconds`. */
  readonly issueToken: (claims: Principal & { readonly ttlSeconds: number }) => Promise<string>;
  /** The principal of a token; `null` when the token is not valid. */
  readonly verifyToken: (token: string) => Promise<Principal | null>;
}
