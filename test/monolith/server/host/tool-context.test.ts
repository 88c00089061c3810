import { expect } from 'chai';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { parseSettings } from '../../../../contracts/settings.ts';
import { openKeys } from '../../../../registry-api/auth/keys.ts';
import { issueToken } from '../../../../registry-api/auth/token.ts';
import path from 'node:path';
import { createToolContext, type ToolContextOptions } from '../../../../monolith/server/host/tool-context.ts';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { call, makeRepository, openPlatform, type TestRepository } from '../repository.ts';

describe('tool context', () => {
  const manifest = parseManifest({
    id: 'crm',
    name: 'CRM',
    route: '/tools/crm',
    env: [{ name: 'CRM_URL', required: true }, { name: 'CRM_REGION' }],
  });
  const options = (env: Record<string, string>): ToolContextOptions =>
    ({ manifest, env, db: null, logger: null }) as unknown as ToolContextOptions;

  it('gives a tool the variables that it declares, and no others', () => {
    const { config } = createToolContext(options({ CRM_URL: 'https://crm', DATABASE_URL: 'secret' }));
    expect(config).to.deep.equal({ CRM_URL: 'https://crm', CRM_REGION: undefined });
    expect(Object.isFrozen(config)).to.equal(true);
  });

  it('names a missing required variable', () => {
    expect(() => createToolContext(options({ CRM_URL: '' }))).to.throw(/tools\/crm needs CRM_URL/);
  });

  describe('of a running platform in production', () => {
    let repository: TestRepository;
    let platform: Platform;
    const get = async (token?: string): Promise<number> => {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return (await call(`http://127.0.0.1:${platform.port}/api/tools/guarded/who`, { headers })).status;
    };

    before(async () => {
      repository = await makeRepository();
      await repository.writeTool(
        'guarded',
        { permissions: ['guarded:read'] },
        {
          'backend/index.ts': `import { Router } from 'express';
            import type { ToolContext } from '#contracts/tool-context';
            export default (context: ToolContext) => Router().get('/who', context.requirePermission('guarded:read'),
              (req, res) => void res.json(context.principalOf(req).subject));`,
        },
      );
      platform = await openPlatform(repository.root, { PLATFORM_MODE: 'production' });
    });
    after(async () => {
      await platform.close();
      await repository.remove();
    });

    it('serves a tool only to a valid token with the permission', async () => {
      const keys = openKeys(path.join(repository.root, parseSettings({}).stateDir));
      const token = (permissions: string[]): Promise<string> =>
        issueToken(keys, { subject: 'anna', permissions, ttlSeconds: 60 });
      expect(await get()).to.equal(401);
      expect(await get('not-a-token')).to.equal(401);
      expect(await get(await token(['other:read']))).to.equal(403);
      expect(await get(await token(['guarded:read']))).to.equal(200);
    });
  });
});
