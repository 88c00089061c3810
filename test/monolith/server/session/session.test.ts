import { expect } from 'chai';
import express from 'express';
import { SignJWT, decodeJwt, jwtVerify } from 'jose';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal } from '../../../../contracts/tool-context.ts';
import { createSessions } from '../../../../monolith/server/session/session.ts';
import { findCaller } from '../../../../registry-api/auth/principal.ts';
import { openOidcProvider, type OidcProvider } from './oidc-provider.ts';

const KEY = new TextEncoder().encode('a key of this test, long enough for HS256');

describe('sign-in with an OpenID Connect provider', () => {
  let provider: OidcProvider;
  let server: Server;
  let url: string;

  before(async () => {
    provider = await openOidcProvider();
    const sessions = createSessions({
      mode: 'production',
      oidc: { issuer: provider.issuer, clientId: 'platform', clientSecret: null },
      issueToken: ({ subject, permissions, ttlSeconds }) =>
        new SignJWT({ permissions })
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject(subject)
          .setExpirationTime(`${ttlSeconds}s`)
          .sign(KEY),
      verifyToken: async (token): Promise<Principal | null> => {
        const verified = await jwtVerify<{ permissions: string[] }>(token, KEY).catch(() => null);
        if (verified === null) return null;
        return { subject: verified.payload.sub ?? '', permissions: verified.payload.permissions };
      },
    });
    const app = express();
    app.set('trust proxy', 'loopback');
    app.use(sessions.attach, sessions.routes);
    app.post('/change', (request, response) => {
      const { authorization, cookie } = request.headers;
      const subject = findCaller(request)?.principal?.subject;
      response.json({ subject, authorization: authorization ?? null, cookie: cookie ?? null });
    });
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await provider.close();
  });
  beforeEach(() => {
    provider.claims = { permissions: ['inventory:read', 'tools:write'] };
  });

  /** A minimal browser: follows redirects and keeps cookies. */
  function visitor(): {
    readonly go: (address: string, init?: RequestInit) => Promise<Response>;
    jar: Map<string, string>;
  } {
    const jar = new Map<string, string>();
    return {
      jar,
      async go(address, init = {}) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const headers = new Headers(init.headers);
        if (address.startsWith(url)) headers.set('Cookie', cookie);
        const response = await fetch(address, { ...init, redirect: 'manual', headers });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value === '') jar.delete(name);
          else jar.set(name, value);
        }
        return response;
      },
    };
  }
  const locationOf = (response: Response): string =>
    new URL(response.headers.get('location') ?? '', url).href;

  it('returns the user to their page, signed in with the permissions of the provider', async () => {
    const { go, jar } = visitor();
    const leave = await go(`${url}/auth/sign-in?to=/tools/crm`);
    expect(new URL(locationOf(leave)).searchParams.get('code_challenge_method')).to.equal('S256');
    const back = await go(locationOf(leave));
    const done = await go(locationOf(back));
    expect(locationOf(done)).to.equal(`${url}/tools/crm`);
    const cookie = done.headers.getSetCookie().find((line) => line.startsWith('platform_session='));
    expect(cookie)
      .to.match(/HttpOnly/)
      .and.match(/SameSite=Lax/);
    expect(jar.has('platform_sign_in')).to.equal(false);

    const { expiresAt, ...session } = (await (await go(`${url}/api/session`)).json()) as Record<
      string,
      unknown
    >;
    const hours = (Date.parse(String(expiresAt)) - Date.now()) / 3_600_000;
    expect(hours, 'hours until the sign-in ends').to.be.within(7.5, 8);
    expect(session).to.deep.equal({
      mode: 'production',
      principal: { subject: 'ada', permissions: ['inventory:read', 'tools:write'] },
      signedIn: true,
      signIn: 'oidc',
    });

    const proof = { 'X-XSRF-TOKEN': jar.get('XSRF-TOKEN') ?? '' };
    expect((await go(`${url}/change`, { method: 'POST' })).status).to.equal(403);
    const changed = await go(`${url}/change`, { method: 'POST', headers: proof });
    const seen = (await changed.json()) as { subject: string; authorization: null; cookie: string };
    expect(seen, 'later handlers know the user, and not the token').to.include({
      subject: 'ada',
      authorization: null,
    });
    expect(seen.cookie).not.to.contain('platform_session');

    const left = await go(`${url}/api/session`, { method: 'DELETE', headers: proof });
    const { continueAt } = (await left.json()) as { continueAt: string };
    expect(jar.has('platform_session')).to.equal(false);
    // Also signs out of the provider, which redirects to the sign-in page
    expect(locationOf(await go(continueAt))).to.equal(`${url}/sign-in`);
  });

  it('rejects a code that another browser requested', async () => {
    const [victim, thief] = [visitor(), visitor()];
    const leave = await victim.go(`${url}/auth/sign-in?to=/tools`);
    const back = await victim.go(locationOf(leave));
    const stolen = await thief.go(locationOf(back));
    expect(locationOf(stolen)).to.equal(`${url}/sign-in?problem=expired`);

    await thief.go(`${url}/auth/sign-in?to=/tools`);
    const mixed = await thief.go(locationOf(back));
    expect(locationOf(mixed)).to.equal(`${url}/sign-in?problem=refused`);
    expect(thief.jar.has('platform_session')).to.equal(false);
  });

  it('rejects an ID token of another sign-in', async () => {
    provider.claims = { nonce: 'of another time' };
    const { go, jar } = visitor();
    const leave = await go(`${url}/auth/sign-in`);
    const done = await go(locationOf(await go(locationOf(leave))));
    expect(locationOf(done)).to.equal(`${url}/sign-in?problem=refused`);
    expect(jar.has('platform_session')).to.equal(false);
  });

  it('never redirects to another site', async () => {
    for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const { go } = visitor();
      const leave = await go(`${url}/auth/sign-in?to=${encodeURIComponent(to)}`);
      const done = await go(locationOf(await go(locationOf(leave))));
      expect(locationOf(done), to).to.equal(`${url}/tools`);
    }
  });

  it('has no one-click sign-in in production', async () => {
    const response = await fetch(`${url}/api/session`, { method: 'POST' });
    expect(response.status).to.equal(403);
  });

  it('ends a session with an invalid token', async () => {
    const { go, jar } = visitor();
    jar.set('platform_session', 'forged');
    const session = (await (await go(`${url}/api/session`)).json()) as { principal: unknown };
    expect(session.principal).to.equal(null);
    expect(jar.has('platform_session')).to.equal(false);
  });

  it('sets secure cookies behind an HTTPS gateway, and not on plain HTTP', async () => {
    for (const [scheme, secure] of [
      ['https', true],
      ['http', false],
    ] as const) {
      const { go, jar } = visitor();
      const headers = { 'X-Forwarded-Proto': scheme };
      const leave = await go(`${url}/auth/sign-in`, { headers });
      const back = new URL(locationOf(await go(locationOf(leave))));
      back.protocol = 'http:'; // the test server has no gateway
      const done = await go(back.href, { headers });
      const lines = done.headers
        .getSetCookie()
        .filter((line) => /^(platform_session|XSRF-TOKEN)=/.test(line));
      expect(lines).to.have.length(2);
      for (const line of lines) expect(/; Secure/.test(line), line).to.equal(secure);
      expect(jar.has('platform_session')).to.equal(true);
    }
  });

  it('grants the wildcard permission to no claim but "*"', async () => {
    provider.claims = { permissions: ['platform:everything', 'inventory:read'] };
    const { go } = visitor();
    await go(locationOf(await go(locationOf(await go(`${url}/auth/sign-in`)))));
    const session = (await (await go(`${url}/api/session`)).json()) as { principal: Principal };
    expect(session.principal).to.deep.equal({ subject: 'ada', permissions: ['inventory:read'] });
  });

  it('stores the wildcard permission in the session token and resolves it with each request', async () => {
    provider.claims = { permissions: ['*'] };
    const { go, jar } = visitor();
    await go(locationOf(await go(locationOf(await go(`${url}/auth/sign-in`)))));
    const session = (await (await go(`${url}/api/session`)).json()) as { principal: Principal };
    expect(session.principal).to.deep.equal({ subject: 'ada', permissions: ['*'] });
    const kept = decodeJwt<{ permissions: string[] }>(jar.get('platform_session') ?? '');
    expect(kept.permissions).to.deep.equal(['platform:everything']);
  });
});
