import { createHash, randomUUID } from 'node:crypto';
import express, { type Request } from 'express';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { AddressInfo } from 'node:net';

export interface OidcProvider {
  readonly issuer: string;
  /** Extra claims of the next ID token; `nonce` replaces the correct one. */
  claims: Record<string, unknown>;
  /** A token of a program, for an audience. */
  accessToken(audience: string, claims: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/**
 * A minimal OpenID Connect provider: signs everyone in, issues each code once, and exchanges it only for the
 * verifier of its challenge (RFC 7636).
 */
export async function openOidcProvider(): Promise<OidcProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const codes = new Map<string, { challenge: string; nonce: string; clientId: string }>();
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: OidcProvider = {
    issuer,
    claims: {},
    accessToken: (audience, claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('robot')
        .setExpirationTime('1h')
        .sign(privateKey),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  app.get('/.well-known/openid-configuration', (_request, response) => {
    response.json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    });
  });
  app.get('/jwks', async (_request, response) => {
    response.json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }] });
  });
  app.get('/authorize', (request, response) => {
    const code = randomUUID();
    codes.set(code, {
      challenge: query(request, 'code_challenge'),
      nonce: query(request, 'nonce'),
      clientId: query(request, 'client_id'),
    });
    const back = new URL(query(request, 'redirect_uri'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', query(request, 'state'));
    response.redirect(back.href);
  });
  app.get('/end', (request, response) => {
    response.redirect(query(request, 'post_logout_redirect_uri'));
  });
  app.post('/token', express.urlencoded(), async (request, response) => {
    const body = request.body as Record<string, string>;
    const grant = codes.get(body['code'] ?? '');
    codes.delete(body['code'] ?? '');
    const challenge = createHash('sha256')
      .update(body['code_verifier'] ?? '')
      .digest('base64url');
    if (grant?.challenge !== challenge) {
      response.status(400).json({ error: 'invalid_grant' });
      return;
    }
    const token = new SignJWT({ nonce: grant.nonce, ...provider.claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(issuer)
      .setAudience(grant.clientId)
      .setSubject('ada')
      .setIssuedAt()
      .setExpirationTime('5m');
    response.json({ access_token: 'opaque', token_type: 'Bearer', id_token: await token.sign(privateKey) });
  });
  return provider;
}

function query(request: Request, name: string): string {
  const value = request.query[name];
  return typeof value === 'string' ? value : '';
}
