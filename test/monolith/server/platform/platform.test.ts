import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { call, makeRepository, openPlatform, type TestRepository } from '../repository.ts';

describe('stop of the platform', () => {
  let repository: TestRepository;
  before(async () => {
    repository = await makeRepository();
    await repository.writeTool(
      'slow',
      {},
      {
        'backend/index.ts': `import { Router } from 'express';
          let arrived = 0;
          export default ({ db }) => Router()
            .get('/arrived', (_req, res) => void res.json(arrived))
            .get('/sum', async (_req, res) => {
              arrived += 1;
              await new Promise((resolve) => setTimeout(resolve, 300));
              res.json((await db.query('SELECT 1 + 1 AS sum')).rows[0]);
            });`,
      },
    );
  });
  after(() => repository.remove());

  it('finishes requests in flight, with the database, and accepts no new ones', async () => {
    const platform = await openPlatform(repository.root);
    const at = (port: number, path = 'sum'): string => `http://127.0.0.1:${port}/api/slow/${path}`;
    expect((await call(at(platform.port))).status).to.equal(200);
    const underWay = [call(at(platform.port)), call(at(platform.gatewayPort))];
    while ((await call(at(platform.port, 'arrived'))).body < 3) await delay(5);
    const closed = Promise.all([platform.close(), platform.close()]);
    for (const answer of await Promise.all(underWay)) {
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.equal({ sum: 2 });
    }
    await closed;
    for (const port of [platform.port, platform.gatewayPort])
      expect(await call(at(port)).catch(() => 'refused')).to.equal('refused');
  });
});
