import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import sinon from 'sinon';
import { serviceAudience, TOKEN_AUDIENCE } from '../../contracts/tokens.ts';
import { openKeys, type KeyStore } from '../../registry-api/auth/keys.ts';
import {
  createServiceTokens,
  type ServiceTokenRequest,
  type ServiceTokens,
} from '../../registry-api/auth/service-tokens.ts';
import { issueToken } from '../../registry-api/auth/token.ts';
import { createVerifier } from '../../registry-api/auth/verifier.ts';

const NOW = 1_800_000_000;

describe('tokens for services', () => {
  let folder: string;
  let keys: KeyStore;
  let tokens: ServiceTokens;
  let clock: sinon.SinonFakeTimers;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'service-tokens-'));
    keys = openKeys(folder);
    await keys.signingKey();
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: NOW * 1_000, toFake: ['Date'] });
    tokens = createServiceTokens(keys);
  });
  afterEach(() => clock.restore());

  const issue = async (change: Partial<ServiceTokenRequest> = {}): Promise<string> =>
    (
      await tokens.issue({
        audience: serviceAudience('crm'),
        subject: 'ann',
        permissions: ['crm:read'],
        until: null,
        ...change,
      })
    ).token;

  it('issues tokens that are valid for five minutes, and for one audience', async () => {
    expect(decodeJwt(await issue())).to.deep.include({
      aud: 'tool:crm',
      sub: 'ann',
      scope: 'crm:read',
      iat: NOW,
      exp: NOW + 300,
    });
  });

  it('issues tokens that begin with their type, by which the gateway recognises them', async () => {
    expect(await issue()).to.match(/^eyJ0eXAiOiJzZXJ2aWNlK2p3/);
  });

  it('reuses tokens until a minute before they expire', async () => {
    const first = await issue();
    clock.tick(240_000);
    expect(await issue()).to.equal(first);
    clock.tick(1_000);
    expect(decodeJwt(await issue()).exp).to.equal(NOW + 241 + 300);
  });

  it('never shares tokens between users, services or permissions', async () => {
    const all = [
      await issue(),
      await issue({ subject: 'bob' }),
      await issue({ audience: serviceAudience('tasks') }),
      await issue({ permissions: [] }),
    ];
    expect(new Set(all).size).to.equal(all.length);
  });

  it('issues tokens that expire with the credential of the caller, also when a longer one could be reused', async () => {
    await issue();
    expect(decodeJwt(await issue({ until: NOW + 90 })).exp).to.equal(NOW + 90);
    expect(decodeJwt(await issue({ until: NOW + 400 })).exp).to.equal(NOW + 90);
    clock.tick(60_000);
    expect(decodeJwt(await issue({ until: NOW + 400 })).exp).to.equal(NOW + 360);
  });

  it('verifies tokens by audience, and not beyond five minutes and the clock skew', async () => {
    const token = await issue();
    clock.tick(329_000);
    expect(await tokens.verify(token)).to.deep.equal({
      audience: 'tool:crm',
      principal: { subject: 'ann', permissions: ['crm:read'] },
    });
    clock.tick(2_000);
    expect(await tokens.verify(token)).to.equal(null);
  });

  it("refuses a service's token as a platform token, whatever its audience, and the reverse", async () => {
    const verify = createVerifier({ jwks: keys.jwks });
    for (const audience of [serviceAudience('crm'), TOKEN_AUDIENCE]) {
      const error = await verify(await issue({ audience })).catch((e: unknown) => e);
      expect(error, audience).to.have.property('code', 'unauthenticated');
    }
    const session = await issueToken(keys, { subject: 'ann', permissions: ['crm:read'], ttlSeconds: 60 });
    expect((await verify(session)).subject).to.equal('ann');
    expect(await tokens.verify(session)).to.equal(null);
  });
});
