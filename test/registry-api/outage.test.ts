import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmbedded, stopCluster } from '../../registry-api/store/embedded/index.ts';
import { aManifest, startTestRegistry } from './support/registry.ts';

describe('outage of PostgreSQL', function () {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'generator-platform-outage-'));
    await chmod(folder, 0o755);
  });
  after(async () => {
    await stopCluster(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('answers 503 under load, recovers by itself, and loses no acknowledged write', async () => {
    // with fsync, as in production: acknowledged writes must be on disk
    const registry = await startTestRegistry({
      databaseUrl: await startEmbedded(folder),
      poolOptions: { connectTimeoutMs: 2_000 },
    });
    try {
      const acknowledged: string[] = [];
      const statuses = new Map<number, number>();
      let stop = false;
      const writers = Array.from({ length: 8 }, async () => {
        while (!stop) {
          const manifest = aManifest();
          const { status } = await registry.call('POST', '/api/tools', { body: manifest });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === 201) acknowledged.push(manifest.id);
          await sleep(20);
        }
      });
      const until = async (what: string, test: () => Promise<boolean> | boolean) => {
        for (let look = 0; look < 300; look += 1) {
          if (await test()) return;
          await sleep(100);
        }
        expect.fail(`never: ${what}`);
      };
      await until('writes are taken', () => acknowledged.length > 20);
      await stopCluster(folder);
      await until('503 for writes', () => (statuses.get(503) ?? 0) > 5);
      const [health, live, ready] = await Promise.all(
        ['/health', '/livez', '/readyz'].map((probe) => registry.call('GET', probe)),
      );
      expect([health?.status, live?.status, ready?.status]).to.deep.equal([503, 200, 503]);
      const read = await registry.call('GET', '/api/tools');
      expect([read.status, read.headers.get('retry-after'), read.body.code]).to.deep.equal([
        503,
        '2',
        'database-unreachable',
      ]);
      const before = acknowledged.length;
      await startEmbedded(folder);
      await until('writes are taken again', () => acknowledged.length > before + 20);
      stop = true;
      await Promise.all(writers);

      expect([...statuses.keys()].sort()).to.deep.equal([201, 503]);
      const { rows } = await registry.pool.query<{ tool_id: string }>('SELECT tool_id FROM tool_registry');
      const kept = new Set(rows.map((row) => row.tool_id));
      expect(
        acknowledged.filter((id) => !kept.has(id)),
        'acknowledged and lost',
      ).to.deep.equal([]);
      await until('the listening connection is back', async () => {
        const listening = await registry.pool.query(
          `SELECT FROM pg_stat_activity WHERE application_name = 'registry-api notifications'`,
        );
        return listening.rowCount === 1;
      });
    } finally {
      await registry.close();
    }
  });
});
