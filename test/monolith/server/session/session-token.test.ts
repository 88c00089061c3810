import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import type { Principal } from '../../../../contracts/tool-context.ts';
import { createSessions } from '../../../../monolith/server/session/session.ts';

describe('token for the page of an exported tool', () => {
  let server: Server;
  let url: string;
  const issued: (Principal & { ttlSeconds: number })[] = [];

  before(async () => {
    const sessions = createSessions({
      mode: 'production',
      oidc: null,
      issueToken: (claims) => {
        issued.push(claims);
        return Promise.resolve(`token-${String(issued.length)}`);
      },
      verifyToken: (token) =>
        Promise.resolve(token === 'session' ? { subject: 'ann', permissions: ['notes:read'] } : null),
    });
    server = express().use(sessions.attach, sessions.routes).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/session/token`;
  });
  after(() => server.close());
  beforeEach(() => issued.splice(0));

  const ask = async (
    headers: Record<string, string>,
  ): Promise<{ accessToken: string | null; expiresIn: number }> =>
    (await (await fetch(url, { headers })).json()) as { accessToken: string | null; expiresIn: number };

  it('is short-lived and has the subject and permissions of the session', async () => {
    const { accessToken, expiresIn } = await ask({ cookie: 'platform_session=session' });
    expect(accessToken).to.equal('token-1');
    expect(issued).to.deep.equal([{ subject: 'ann', permissions: ['notes:read'], ttlSeconds: expiresIn }]);
    expect(expiresIn).to.be.at.most(600);
  });

  it('is not issued to anonymous users, stale sessions and pages of other sites', async () => {
    const session = 'platform_session=session';
    const others: readonly Record<string, string>[] = [
      {},
      { cookie: 'platform_session=stale' },
      { authorization: 'Bearer session' }, // a token that can renew itself would never expire
      { cookie: session, origin: 'https://evil.example' },
      { cookie: session, 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of others)
      expect((await ask(headers)).accessToken, JSON.stringify(headers)).to.equal(null);
    expect(issued).to.deep.equal([]);
  });
});
