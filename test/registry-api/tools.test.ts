import { expect } from 'chai';
import type { ToolStatus } from '../../contracts/manifest.ts';
import { setExported } from '../../registry-api/store/tools.ts';
import { aManifest, startTestRegistry, type Answer, type TestRegistry } from './support/registry.ts';

const EXPORTED = {
  serviceUrl: 'http://localhost:3004',
  gatewayUrl: 'http://localhost:8080/api/x',
  webUrl: 'http://localhost:8080/tools/x/',
  databaseName: 'x_db',
};

describe('tools of the registry', function () {
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());

  const register = (more: Record<string, unknown> = {}) =>
    registry.call('POST', '/api/tools', { body: aManifest(more) });

  it('registers the body of the feature catalogue unchanged, and fills in defaults', async () => {
    const answer = await registry.call('POST', '/api/tools', {
      body: {
        toolId: 'inventory-tracker',
        name: 'Inventory Tracker',
        version: '1.0.0',
        status: 'beta',
        route: '/tools/inventory-tracker',
      },
    });
    expect(answer.status).to.equal(201);
    expect(answer.headers.get('location')).to.equal('/api/tools/inventory-tracker');
    const { createdAt, updatedAt, ...tool } = answer.body;
    expect(Date.now() - Date.parse(createdAt)).to.be.within(-60_000, 60_000);
    expect(updatedAt).to.equal(createdAt);
    expect(tool).to.deep.equal({
      toolId: 'inventory-tracker',
      name: 'Inventory Tracker',
      description: '',
      version: '1.0.0',
      status: 'beta',
      owner: '',
      icon: '',
      route: '/tools/inventory-tracker',
      apiBase: '/api/tools/inventory-tracker',
      databaseSchema: { tables: [] },
      endpoints: [],
      permissions: [],
      env: [],
      dependencies: [],
      isExported: false,
      exportedAt: null,
      serviceUrl: null,
      gatewayUrl: null,
      webUrl: null,
      databaseName: null,
    });
    expect((await registry.call('GET', '/api/tools/inventory-tracker')).body).to.deep.equal(answer.body);
  });

  it('registers a tool only once', async () => {
    const { body } = await register();
    const again = await registry.call('POST', '/api/tools', { body: { id: body.toolId, name: 'Other' } });
    expect(again.status).to.equal(409);
    expect(again.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(again.body).to.include({ status: 409, code: 'tool-exists', instance: '/api/tools' });
  });

  it('lists every problem of an invalid manifest with its pointer', async () => {
    const answer = await registry.call('POST', '/api/tools', {
      body: { toolId: 'Not Kebab', version: '1', colour: 'red', endpoints: [{ method: 'FETCH', path: 'x' }] },
    });
    expect(answer.status).to.equal(422);
    const pointers = answer.body.errors.map((e: { pointer: string }) => e.pointer);
    expect(pointers).to.have.members([
      '/toolId',
      '/name',
      '/version',
      '/colour',
      '/endpoints/0/method',
      '/endpoints/0/path',
    ]);
  });

  it('keeps in answers and in the history with which tools a table is shared', async () => {
    const tables = ['quotes', { name: 'sales.offers', sharedWith: ['billing', 'mailer'] }];
    const answer = await register({ id: 'offers', databaseSchema: { tables } });
    expect(answer.status).to.equal(201);
    const read = await registry.call('GET', '/api/tools/offers');
    expect(read.body.databaseSchema).to.deep.equal({ tables });
    const history = await registry.call('GET', '/api/tools/offers/history');
    expect(history.body.data[0].after.databaseSchema).to.deep.equal({ tables });
    const fewer = await registry.call('PUT', '/api/tools/offers', {
      body: aManifest({ id: 'offers', databaseSchema: { tables: ['quotes', 'sales.offers'] } }),
    });
    expect(fewer.body.databaseSchema).to.deep.equal({ tables: ['quotes', 'sales.offers'] });
  });

  it('a tool may declare a table of another tool only while that tool shares it', async () => {
    await registry.pool
      .query(`CREATE ROLE tool__stock__owner; GRANT CREATE ON SCHEMA public TO tool__stock__owner;
      CREATE TABLE parts (); ALTER TABLE parts OWNER TO tool__stock__owner`);
    const declaring = (id: string, tables: unknown[]) => register({ id, databaseSchema: { tables } });
    expect((await declaring('stock', ['parts'])).status).to.equal(201);
    for (const name of ['parts', 'public.parts', 'PARTS', '"parts"', 'public."parts"']) {
      const refused = await declaring('shop', ['carts', name]);
      expect([refused.status, refused.body.code], name).to.deep.equal([422, 'manifest-invalid']);
      expect(refused.body.errors[0].pointer).to.equal('/databaseSchema/tables/1');
      expect(refused.body.detail).to.include('belongs to the tool stock, which does not share it with shop');
    }
    const resharing = await declaring('shop', [{ name: 'parts', sharedWith: ['billing'] }]);
    expect(resharing.body.detail).to.include('only tools/stock/manifest.json can share it');
    const shared = { tables: [{ name: 'parts', sharedWith: ['shop'] }] };
    await registry.call('PUT', '/api/tools/stock', {
      body: aManifest({ id: 'stock', databaseSchema: shared }),
    });
    expect((await declaring('shop', ['carts', 'parts'])).status).to.equal(201);
    const others = await registry.call('PUT', '/api/tools/shop', {
      body: aManifest({ id: 'shop', databaseSchema: { tables: ['tool_routes'] } }),
    });
    expect([others.status, others.body.errors[0].pointer]).to.deep.equal([422, '/databaseSchema/tables/0']);
    await registry.pool.query('DROP OWNED BY tool__stock__owner; DROP ROLE tool__stock__owner');
  });

  it('refuses tools with permissions of the platform', async () => {
    for (const permission of ['tools:write', 'platform:everything', '*']) {
      const { status, body } = await registry.call('POST', '/api/tools', {
        body: aManifest({ permissions: ['a:read', permission] }),
      });
      expect([status, body.code, body.errors[0].pointer]).to.deep.equal([
        422,
        'manifest-invalid',
        '/permissions/1',
      ]);
    }
  });

  it('stores hostile text unchanged', async () => {
    const name = `Bob's "tools"; DROP TABLE tool_registry; -- \${x} \`y\` <b>é𝄞`;
    const description = 'two\nlines\t"';
    const { body } = await register({ name, description });
    const { body: read } = await registry.call('GET', `/api/tools/${body.toolId}`);
    expect(read).to.include({ name, description });
    const found = await registry.call(
      'GET',
      `/api/tools/search?q=${encodeURIComponent(`bob's "tools"; drop`)}`,
    );
    expect(found.body.data.map((t: { toolId: string }) => t.toolId)).to.deep.equal([body.toolId]);
  });

  it('answers 304 for a cached version, 412 for an old one, and 200 for the current one', async () => {
    const { body, headers } = await register();
    const etag = headers.get('etag') ?? '';
    const address = `/api/tools/${body.toolId}`;
    const fresh = await registry.call('GET', address, { headers: { 'If-None-Match': `"x", W/${etag}` } });
    expect([fresh.status, fresh.body]).to.deep.equal([304, '']);
    const changed = await registry.call('PUT', address, {
      body: { name: 'New' },
      headers: { 'If-Match': etag },
    });
    expect(changed.status).to.equal(200);
    expect(changed.headers.get('etag')).not.to.equal(etag);
    const stale = await registry.call('PUT', address, {
      body: { name: 'Lost' },
      headers: { 'If-Match': etag },
    });
    expect([stale.status, stale.body.code]).to.deep.equal([412, 'version-conflict']);
    expect((await registry.call('DELETE', address, { headers: { 'If-Match': etag } })).status).to.equal(412);
    expect((await registry.call('GET', address)).body.name).to.equal('New');
  });

  it('keeps the revision of a tool when nothing changes', async () => {
    const manifest = aManifest({ endpoints: [{ path: '/x', method: 'GET' }] });
    const made = await registry.call('POST', '/api/tools', { body: manifest });
    const same = await registry.call('PUT', `/api/tools/${manifest.id}`, { body: manifest });
    expect(same.headers.get('etag')).to.equal(made.headers.get('etag'));
    expect((await registry.call('GET', `/api/tools/${manifest.id}/history`)).body.total).to.equal(1);
  });

  it('keeps the id of a tool, and refuses a body with another one', async () => {
    const { body } = await register();
    const answer = await registry.call('PUT', `/api/tools/${body.toolId}`, {
      body: { id: 'another', name: 'X' },
    });
    expect(answer.status).to.equal(422);
    expect(answer.body.errors[0].pointer).to.equal('/id');
  });

  describe('status changes', () => {
    const STATES: readonly ToolStatus[] = ['alpha', 'beta', 'active', 'deprecated'];
    for (const from of STATES)
      for (const to of STATES) {
        const allowed = to === 'deprecated' || Math.abs(STATES.indexOf(from) - STATES.indexOf(to)) <= 1;
        it(`${allowed ? 'allow' : 'refuse'} ${from} to ${to}`, async () => {
          const { body } = await register({ status: from });
          const answer = await registry.call('PUT', `/api/tools/${body.toolId}`, {
            body: { name: 'X', status: to },
          });
          expect(answer.status).to.equal(allowed ? 200 : 422);
          if (!allowed) expect(answer.body).to.include({ code: 'lifecycle-invalid' });
          const inDatabase = registry.pool.query('UPDATE tool_registry SET status = $2 WHERE tool_id = $1', [
            (await register({ status: from })).body.toolId,
            to,
          ]);
          const refused = await inDatabase.then(
            () => null,
            (e: unknown) => (e as { code: string }).code,
          );
          expect(refused).to.equal(allowed ? null : 'PF422');
        });
      }
  });

  it('lists the dependants of a tool that is deprecated', async () => {
    const { body } = await register();
    const dependants = [
      (await register({ dependencies: [body.toolId] })).body.toolId,
      (await register({ dependencies: ['other', body.toolId] })).body.toolId,
    ];
    const answer = await registry.call('PUT', `/api/tools/${body.toolId}`, {
      body: { name: 'Old', status: 'deprecated' },
    });
    expect(answer.body.dependants).to.have.members(dependants);
    const listed = await registry.call('GET', `/api/tools?dependsOn=${body.toolId}`);
    expect(listed.body.total).to.equal(2);
  });

  it('refuses to delete an exported tool', async () => {
    const { toolId } = (await register()).body;
    await setExported(registry.pool, toolId, EXPORTED, 'exporter');
    const exported = await registry.call('GET', `/api/tools/${toolId}`);
    expect(exported.body).to.include({ isExported: true, ...EXPORTED });
    expect(exported.body.exportedAt).to.be.a('string');
    const removal = await registry.call('DELETE', `/api/tools/${toolId}`);
    expect([removal.status, removal.body.code]).to.deep.equal([409, 'tool-in-use']);
    const direct = await registry.pool
      .query('DELETE FROM tool_registry WHERE tool_id = $1', [toolId])
      .catch((e: unknown) => e);
    expect(direct).to.have.property('code', 'PF409');
    await setExported(registry.pool, toolId, null, 'exporter');
    expect((await registry.call('DELETE', `/api/tools/${toolId}`)).status).to.equal(204);
    expect((await registry.call('GET', `/api/tools/${toolId}`)).status).to.equal(404);
  });

  it('a tool has a history in the order of its numbers, on every page', async () => {
    const manifest = aManifest();
    await registry.pool.query(`SELECT setval(pg_get_serial_sequence('tool_history', 'id'), 9998, true)`);
    await registry.call('POST', '/api/tools', { body: manifest });
    for (const next of [9_999, 10_000, 99_999, 100_000]) {
      const { id, ...fields } = { ...manifest, description: `change ${next}` };
      await registry.pool.query(`SELECT setval(pg_get_serial_sequence('tool_history', 'id'), $1, false)`, [
        next + 1,
      ]);
      expect((await registry.call('PUT', `/api/tools/${id}`, { body: fields })).status).to.equal(200);
    }
    const read: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: Answer = await registry.call(
        'GET',
        `/api/tools/${manifest.id}/history?limit=2&cursor=${cursor}`,
      );
      read.push(...(body.data as { id: string }[]).map((entry) => entry.id));
      cursor = body.nextCursor as string | null;
    }
    expect(read).to.deep.equal(['100001', '100000', '10001', '10000', '9999']);
  });

  it('a tool has a history of actors and changes that outlives its deletion', async () => {
    const { toolId } = (await register({ name: 'First' })).body;
    await registry.call('PUT', `/api/tools/${toolId}`, { body: { name: 'Second', status: 'beta' } });
    await setExported(registry.pool, toolId, EXPORTED, 'exporter');
    await setExported(registry.pool, toolId, EXPORTED, 'exporter'); // changes nothing
    await setExported(registry.pool, toolId, null, 'rollback');
    await registry.call('DELETE', `/api/tools/${toolId}`);
    const { data, total } = (await registry.call('GET', `/api/tools/${toolId}/history?limit=3`)).body;
    expect(total).to.equal(5);
    const rest = (await registry.call('GET', `/api/tools/${toolId}/history?cursor=${data.at(-1).id}`)).body
      .data;
    const entries = [...data, ...rest].map((e) => [
      e.action,
      e.actor,
      e.before?.name ?? null,
      e.after?.name ?? null,
    ]);
    expect(entries).to.deep.equal([
      ['removed', 'developer', 'Second', null],
      ['returned', 'rollback', 'Second', 'Second'],
      ['exported', 'exporter', 'Second', 'Second'],
      ['updated', 'developer', 'First', 'Second'],
      ['registered', 'developer', null, 'First'],
    ]);
    expect((await registry.call('GET', '/api/tools/never-was/history')).status).to.equal(404);
  });

  it('a tool has no history of a rolled back change', async () => {
    const { toolId } = (await register()).body;
    const client = await registry.pool.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE tool_registry SET name = 'Never' WHERE tool_id = $1`, [toolId]);
    await client.query('ROLLBACK');
    client.release();
    expect((await registry.call('GET', `/api/tools/${toolId}/history`)).body.total).to.equal(1);
  });

  describe('with an Idempotency-Key', () => {
    it('returns the first answer to an Idempotency-Key again, also for concurrent requests', async () => {
      const manifest = aManifest();
      const send = () =>
        registry.call('POST', '/api/tools', { body: manifest, headers: { 'Idempotency-Key': 'k-1' } });
      const answers = await Promise.all([send(), send(), send(), send()]);
      expect(answers.map((a) => a.status)).to.deep.equal([201, 201, 201, 201]);
      expect(answers.filter((a) => a.headers.get('idempotency-replayed') === null)).to.have.length(1);
      expect(new Set(answers.map((a) => JSON.stringify(a.body))).size).to.equal(1);
    });

    it('refuses an Idempotency-Key for another request, and frees it after a failed request', async () => {
      const headers = { 'Idempotency-Key': 'k-2' };
      const bad = await registry.call('POST', '/api/tools', { body: { id: 'x' }, headers });
      expect(bad.status).to.equal(422);
      const good = await registry.call('POST', '/api/tools', { body: aManifest(), headers });
      expect(good.status).to.equal(201);
      const other = await registry.call('POST', '/api/tools', { body: aManifest(), headers });
      expect([other.status, other.body.code]).to.deep.equal([409, 'idempotency-conflict']);
    });
  });

  it('loses no update when 50 writers race with If-Match', async () => {
    const manifest = aManifest({ description: '' });
    let etag = (await registry.call('POST', '/api/tools', { body: manifest })).headers.get('etag') ?? '';
    for (let round = 1; round <= 5; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, writer) =>
          registry.call('PUT', `/api/tools/${manifest.id}`, {
            body: { ...manifest, description: `round ${round} writer ${writer}` },
            headers: { 'If-Match': etag },
          }),
        ),
      );
      const winners = answers.filter((answer) => answer.status === 200);
      expect(winners, `round ${round}`).to.have.length(1);
      expect(answers.filter((answer) => answer.status === 412)).to.have.length(49);
      etag = winners[0]?.headers.get('etag') ?? '';
      const now = await registry.call('GET', `/api/tools/${manifest.id}`);
      expect(now.body.description).to.equal(winners[0]?.body.description);
    }
    expect((await registry.call('GET', `/api/tools/${manifest.id}/history`)).body.total).to.equal(6);
  });
});
