import type { Principal } from '../../../contracts/tool-context.ts';
import type { OidcClient } from './oidc.ts';

export interface SessionOptions {
  readonly mode: 'development' | 'production';
  /** The provider for sign-in in production; `null`: there is none, and only tokens let anyone write. */
  readonly oidc: OidcClient | null;
  /** Makes a token of the platform's own that lives `ttlSeconds`; `*` stands for all that a service asks for. */
  readonly issueToken: (claims: Principal & { readonly ttlSeconds: number }) => Promise<string>;
  /** Who a token stands for; `null` when it is not (or no longer) good. */
  readonly verifyToken: (token: string) => Promise<Principal | null>;
}
