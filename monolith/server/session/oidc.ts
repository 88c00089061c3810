import * as oidc from 'openid-client';

export interface OidcClient {
  /** Issuer, which serves `/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  /** `null` for a public client: PKCE alone binds the sign-in to this browser. */
  readonly clientSecret: string | null;
}

/** State of a pending sign-in, stored in a cookie of the browser until the provider redirects back. */
export interface SignInAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Path of the page to open after sign-in. */
  readonly returnTo: string;
}

export interface SignedIn {
  readonly subject: string;
  readonly permissions: readonly string[];
}

/** Sign-in with an OpenID Connect provider: authorization code flow with PKCE (RFC 7636), state and nonce. */
export interface OidcSignIn {
  begin(redirectUri: string, returnTo: string): Promise<{ url: URL; attempt: SignInAttempt }>;
  /** @throws when the provider refuses, or `callback` does not belong to `attempt`. */
  finish(callback: URL, attempt: SignInAttempt): Promise<SignedIn>;
  /** URL at which the provider signs the user out and redirects to `returnUrl`; `null` if it has none. */
  leave(returnUrl: string): Promise<URL | null>;
}

export function oidcSignIn(client: OidcClient): OidcSignIn {
  let discovered: Promise<oidc.Configuration> | null = null;
  // Cached unless it failed, because the provider may still be starting.
  const configuration = async (): Promise<oidc.Configuration> => {
    discovered ??= discover(client);
    try {
      return await discovered;
    } catch (error) {
      discovered = null;
      throw error;
    }
  };

  return {
    async begin(redirectUri, returnTo) {
      const config = await configuration();
      const attempt: SignInAttempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
        returnTo,
      };
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url, attempt };
    },

    async finish(callback, attempt) {
      const tokens = await oidc.authorizationCodeGrant(await configuration(), callback, {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('the provider sent no ID token');
      return { subject: claims.sub, permissions: permissionsOf(claims['permissions']) };
    },

    async leave(returnUrl) {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      return oidc.buildEndSessionUrl(config, {
        post_logout_redirect_uri: returnUrl,
        client_id: client.clientId,
      });
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcClient): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const onLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return oidc.discovery(
    url,
    clientId,
    undefined,
    clientSecret === null ? oidc.None() : oidc.ClientSecretPost(clientSecret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so as a warning; plain HTTP to loopback only
    url.protocol === 'http:' && onLoopback ? { execute: [oidc.allowInsecureRequests] } : {},
  );
}

const PERMISSION = /^(\*|[a-z][a-z0-9-]*:[a-z][a-z0-9-]*)$/;

/**
 * The claim `permissions`: a list or space-separated words. Drops words that are not permissions, and the platform's
 * internal ones: the wildcard permission is granted as `*`.
 */
export function permissionsOf(claim: unknown): readonly string[] {
  const words: readonly unknown[] =
    typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return words
    .filter(
      (word): word is string =>
        typeof word === 'string' && PERMISSION.test(word) && !word.startsWith('platform:'),
    )
    .slice(0, 200);
}
