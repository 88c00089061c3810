import { expect } from 'chai';
import { cleanUp } from '../../registry-api/housekeeping.ts';
import { deleteOrphanedWords } from '../../registry-api/store/search-words.ts';
import { mergeCounts } from '../../registry-api/store/facets.ts';
import { aManifest, startTestRegistry, type TestRegistry } from './support/registry.ts';

describe('housekeeping of the registry', function () {
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());

  const rows = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await registry.pool.query(sql, values)).rows as T[];
  const number = async (sql: string, values: unknown[] = []): Promise<number> =>
    (await rows<{ n: number }>(sql, values))[0]?.n ?? NaN;
  const kinds = (from: string): Promise<unknown[]> =>
    rows(`SELECT owner, status, is_exported, n FROM (${from}) AS k WHERE n <> 0 ORDER BY 1, 2, 3`);
  const kept = () =>
    kinds(
      'SELECT owner, status, is_exported, sum(tools)::int AS n FROM tool_registry_counts GROUP BY 1, 2, 3',
    );
  const real = () =>
    kinds('SELECT owner, status, is_exported, count(*)::int AS n FROM tool_registry GROUP BY 1, 2, 3');

  describe('tool counts', () => {
    it('keeps tool counts exact at every moment, during concurrent writes and merges', async () => {
      const owners = ['one', 'two', `o'three`];
      const states = ['alpha', 'beta', 'deprecated'];
      let writing = true;
      const isWriting = (): boolean => writing;
      const writers = Array.from({ length: 6 }, async (_, writer) => {
        for (let i = 0; i < 12; i += 1) {
          const manifest = aManifest({ owner: owners[(writer + i) % 3], status: states[i % 2] });
          await registry.call('POST', '/api/tools', { body: manifest });
          if (i % 3 === 0)
            await registry.call('PUT', `/api/tools/${manifest.id}`, {
              body: { ...manifest, owner: owners[i % 3], status: states[2] },
            });
          if (i % 4 === 0) await registry.call('DELETE', `/api/tools/${manifest.id}`);
        }
      });
      const wrong: unknown[] = [];
      const reader = (async () => {
        while (isWriting()) {
          // a single statement reads a consistent state
          const [both] = await rows<{ kept: number | null; real: number }>(
            'SELECT (SELECT sum(tools)::int FROM tool_registry_counts) AS kept, (SELECT count(*)::int FROM tool_registry) AS real',
          );
          if (both?.kept !== null && both?.kept !== both?.real) wrong.push(both);
        }
      })();
      const adders = [0, 1].map(async () => {
        while (isWriting()) await mergeCounts(registry.pool);
      });
      await Promise.all(writers);
      writing = false;
      await Promise.all([reader, ...adders]);
      expect(wrong.slice(0, 3)).to.deep.equal([]);
      expect(await kept()).to.deep.equal(await real());
      await mergeCounts(registry.pool);
      expect(await kept()).to.deep.equal(await real());
      expect(await number('SELECT count(*)::int AS n FROM tool_registry_counts')).to.equal(
        (await real()).length,
      );
    });

    it('keeps tool counts exact after a rolled back change and after TRUNCATE', async () => {
      const before = await kept();
      const client = await registry.pool.connect();
      await client.query('BEGIN');
      await client.query(`UPDATE tool_registry SET owner = 'other-team'`);
      await client.query('ROLLBACK');
      expect(await kept()).to.deep.equal(before);
      await client.query('TRUNCATE tool_registry');
      client.release();
      expect(await kept()).to.deep.equal([]);
    });
  });

  describe('search words', () => {
    /** The subset of `words` that the registry has. */
    const known = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { rows } = await registry.pool.query<{ word: string }>(
        'SELECT word FROM tool_words WHERE word = ANY ($1::text[])',
        [words],
      );
      return rows.map(({ word }) => word);
    };

    it('deletes search words with the last tool that contains them, and not before', async () => {
      const first = aManifest({ name: 'Okapi Counter', description: `it's a\\b` });
      const second = aManifest({ name: 'Okapi Herder' });
      for (const body of [first, second]) await registry.call('POST', '/api/tools', { body });
      await registry.call('DELETE', `/api/tools/${first.id}`);
      await cleanUp(registry.pool);
      expect(await known('okapi', 'herder', 'counter')).to.have.members(['okapi', 'herder']);
      await registry.call('PUT', `/api/tools/${second.id}`, { body: { name: 'Bongo Herder' } });
      await cleanUp(registry.pool);
      expect(await known('okapi', 'bongo', 'herder')).to.have.members(['bongo', 'herder']);
      expect(await number('SELECT count(*)::int AS n FROM tool_registry_lost_words')).to.equal(0);
    });

    it('keeps search words while a tool that contains them is being registered', async () => {
      const old = aManifest({ name: 'Dikdik' });
      await registry.call('POST', '/api/tools', { body: old });
      await registry.call('DELETE', `/api/tools/${old.id}`);
      const writer = await registry.pool.connect();
      await writer.query('BEGIN');
      await writer.query(
        `INSERT INTO tool_registry (tool_id, name, version, route, api_base)
         VALUES ('dikdik', 'Dikdik', '1.0.0', '/tools/dikdik', '/api/tools/dikdik')`,
      );
      const looking = deleteOrphanedWords(registry.pool).then(
        () => 'looked',
        (error: unknown) => (error as { code: string }).code,
      );
      // waits for the writer
      expect(await Promise.race([looking, new Promise((r) => setTimeout(r, 100))])).to.equal(undefined);
      await writer.query('COMMIT');
      writer.release();
      expect(await looking).to.be.oneOf(['looked', '55P03']); // or gave up until the next round
      await cleanUp(registry.pool);
      expect(await known('dikdik')).to.deep.equal(['dikdik']);
    });
  });

  it('deletes expired idempotency keys and ended deliveries', async () => {
    const headers = { 'Idempotency-Key': 'old' };
    await registry.call('POST', '/api/tools', { body: aManifest(), headers });
    await registry.call('POST', '/api/tools', { body: aManifest(), headers: { 'Idempotency-Key': 'new' } });
    await registry.pool.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'`,
    );
    await registry.call('POST', '/api/webhooks', {
      body: { url: 'https://example.invalid/', events: ['*'] },
    });
    await registry.pool.query(
      `INSERT INTO webhook_deliveries (webhook_id, event, payload, created_at, next_attempt_at)
       SELECT id, event, '{}', now() - interval '31 days', next
         FROM webhooks, (VALUES ('ended', NULL), ('due', now() + interval '1 hour')) AS d (event, next)`,
    );
    await cleanUp(registry.pool);
    expect(await rows('SELECT key FROM idempotency_keys')).to.deep.equal([{ key: 'new' }]);
    expect(await rows('SELECT event FROM webhook_deliveries')).to.deep.equal([{ event: 'due' }]);
  });
});
