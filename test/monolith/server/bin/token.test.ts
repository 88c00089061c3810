import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { decodeJwt } from 'jose';

describe('npm run token', () => {
  let stateDir: string;
  before(async () => (stateDir = await mkdtemp(path.join(tmpdir(), 'token-'))));
  after(() => rm(stateDir, { recursive: true }));

  const token = (...args: string[]) =>
    execa(process.execPath, ['monolith/server/bin/token.ts', ...args], {
      env: { PLATFORM_STATE_DIR: stateDir },
      reject: false,
    });

  it('prints a token with the requested permissions', async () => {
    const { stdout, exitCode } = await token('--scope=tools:write,crm:read', '--subject=ann');
    expect(exitCode).to.equal(0);
    expect(decodeJwt(stdout)).to.include({ sub: 'ann', scope: 'tools:write crm:read' });
  });

  it('issues no token with a permission that means every permission', async () => {
    for (const scope of ['*', 'platform:everything', 'crm:read,platform:everything']) {
      const { stdout, stderr, exitCode } = await token(`--scope=${scope}`);
      expect([exitCode, stdout], scope).to.deep.equal([2, '']);
      expect(stderr).to.include('--scope=');
    }
  });
});
