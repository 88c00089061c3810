import path from 'node:path';
import { expect } from 'chai';
import { createToolKeeper, type ToolKeeper } from '../../../../monolith/server/host/tool-keeper.ts';
import { migrate } from '../../../../registry-api/store/migrate.ts';
import { createDatabase } from '../../../support/postgres.ts';
import { makeRepository, type TestRepository } from '../repository.ts';

const quiet = (): void => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

describe('keeper of a tool', () => {
  let repository: TestRepository;
  let keeper: ToolKeeper;
  /** Starts of processes wait for it. */
  let free: () => void;

  before(async () => {
    repository = await makeRepository();
    const { root } = repository;
    await repository.writeTool(
      'slow',
      {},
      { 'backend/index.ts': `import { Router } from 'express';\nexport default () => Router();` },
    );
    const url = await createDatabase();
    await migrate(url, path.join(root, 'migrations'));
    const turn = new Promise<void>((resolve) => (free = resolve));
    keeper = createToolKeeper('slow', logger, {
      root,
      url,
      stateDir: path.join(root, '.platform'),
      secrets: path.join(root, '.platform/secrets'),
      env: {},
      showDetails: true,
      memoryMb: 256,
      idleMs: 60_000,
      isExported: () => false,
      startWaitMs: 50,
      limitStarts: (start) => turn.then(start),
    });
  });
  after(async () => {
    await keeper.close();
    await repository.remove();
  });

  it('lets no request wait for a start that takes long, and serves the tool once it has started', async () => {
    const [first, second] = await Promise.all([keeper.use(), keeper.use()]);
    for (const used of [first, second])
      expect(used).to.deep.equal({
        message: 'It is still starting, because the machine is busy. Try again.',
        retryAfter: 5,
      });
    free();
    let used = await keeper.use();
    while (!('process' in used)) used = await keeper.use();
    used.done();
    expect(keeper.state()).to.equal('running');
  });
});
