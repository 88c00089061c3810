import { expect } from 'chai';
import { aManifest, startTestRegistry, type TestRegistry } from './support/registry.ts';

interface Item {
  readonly toolId: string;
  readonly name: string;
  readonly status: string;
}

describe('lists of tools', function () {
  let registry: TestRegistry;
  const ids = (data: readonly Item[]): string[] => data.map((tool) => tool.toolId);
  const get = async (address: string) => (await registry.call('GET', address)).body;

  before(async () => {
    registry = await startTestRegistry();
    const tools = [
      ['form-builder', 'Form Builder', 'active', 'core', 'Draw forms.'],
      ['inventory-tracker', 'Inventory Tracker', 'beta', 'stock', 'Items and stock.'],
      ['inventory-audit', 'Stock Audit', 'active', 'stock', 'Counts what is there.'],
      ['task-manager', 'Task Manager', 'alpha', 'core', 'To-do lists. Mentions inventory.'],
      ['cafe', 'Café Übersicht', 'beta', '', 'каталог товаров'],
    ] as const;
    for (const [id, name, status, owner, description] of tools)
      await registry.call('POST', '/api/tools', { body: { id, name, status, owner, description } });
  });
  after(() => registry.close());

  it('lists combine their filters', async () => {
    expect(ids((await get('/api/tools?status=active&owner=stock')).data)).to.deep.equal(['inventory-audit']);
    expect(ids((await get('/api/tools?status=active&status=alpha&sort=-toolId')).data)).to.deep.equal([
      'task-manager',
      'inventory-audit',
      'form-builder',
    ]);
    expect(ids((await get('/api/tools?q=inventory&status=beta&exported=false')).data)).to.deep.equal([
      'inventory-tracker',
    ]);
    expect((await get('/api/tools?exported=true')).total).to.equal(0);
  });

  it('lists ignore empty parameters', async () => {
    expect((await get('/api/tools?status=&exported=&owner=&q=&sort=&limit=&cursor=')).total).to.equal(5);
  });

  it('counts tools by status, export and owner on request', async () => {
    const { facets } = await get('/api/tools?owner=stock&facets=true');
    expect(facets).to.deep.equal({
      status: { active: 1, beta: 1 },
      exported: { true: 0, false: 2 },
      owner: { stock: 2 },
    });
  });

  it('lists refuse unknown parameters and values by name', async () => {
    for (const [query, pointer] of [
      ['status=gone', '/query/status/0'],
      ['limit=0', '/query/limit'],
      ['limit=abc', '/query/limit'],
      ['sort=price', '/query/sort'],
      ['colour=red', '/query/colour'],
      ['cursor=abc', '/query/cursor'],
      ['exported=maybe', '/query/exported'],
      ['colour=', '/query/colour'],
      ['colour', '/query/colour'],
    ] as const) {
      const answer = await registry.call('GET', `/api/tools?${query}`);
      expect(answer.status, query).to.equal(400);
      expect(answer.body.errors[0].pointer, query).to.equal(pointer);
    }
  });

  it('finds words by prefix, infix and despite typos', async () => {
    for (const q of ['inventory', 'inv', 'INVENTORY', 'inventroy', 'invntory', 'ventory', 'inventori'])
      expect(ids((await get(`/api/tools/search?q=${q}`)).data).sort(), q).to.deep.equal([
        'inventory-audit',
        'inventory-tracker',
        'task-manager',
      ]);
    expect(ids((await get('/api/tools/search?q=tsak')).data)).to.deep.equal(['task-manager']);
    expect(ids((await get('/api/tools/search?q=trackr%20inventroy')).data)).to.deep.equal([
      'inventory-tracker',
    ]);
    expect(ids((await get(`/api/tools/search?q=${encodeURIComponent('катал')}`)).data)).to.deep.equal([
      'cafe',
    ]);
    expect(ids((await get(`/api/tools/search?q=${encodeURIComponent('übersicht')}`)).data)).to.deep.equal([
      'cafe',
    ]);
    expect((await get('/api/tools/search?q=zzzzzz')).data).to.deep.equal([]);
    expect((await get('/api/tools/search?q=%21%28%29%26')).data).to.deep.equal([]);
  });

  it('finds words with two transposed letters, whatever their length and wherever the letters stand', async () => {
    const made = [];
    for (const [id, name] of [
      ['fog-lamp', 'Fog Lamp'],
      ['seaweed', 'Seaweed Kiosk'],
    ] as const) {
      await registry.call('POST', '/api/tools', { body: { id, name, owner: 'typos' } });
      made.push(id);
    }
    for (const q of ['fgo', 'ofg', 'ofg lapm', 'fgo almp', 'Fgo'])
      expect(ids((await get(`/api/tools/search?q=${encodeURIComponent(q)}`)).data), q).to.deep.equal([
        'fog-lamp',
      ]);
    for (const q of ['kisok', 'ikosk', 'esaweed', 'seawede'])
      expect(ids((await get(`/api/tools/search?q=${q}`)).data), q).to.deep.equal(['seaweed']);
    for (const q of ['gof', 'xfo'])
      expect(ids((await get(`/api/tools/search?q=${q}`)).data), `${q} is another word`).to.deep.equal([]);
    for (const id of made) await registry.call('DELETE', `/api/tools/${id}`);
  });

  it('ranks the name above the id, and the id above the description', async () => {
    expect(ids((await get('/api/tools/search?q=inventory')).data)).to.deep.equal([
      'inventory-tracker',
      'inventory-audit',
      'task-manager',
    ]);
    expect(ids((await get('/api/tools/search?q=task%20manager')).data)[0]).to.equal('task-manager');
  });

  it('finds an exact name among many tools with the same words', async () => {
    await registry.pool.query(
      `INSERT INTO tool_registry (tool_id, name, version, route, api_base, owner)
       SELECT id, 'Audit Log Viewer ' || n, '1.0.0', '/tools/' || id, '/api/tools/' || id, 'crowd'
         FROM generate_series(1, 1500) n, LATERAL (SELECT 'crowd-' || n) AS made (id)`,
    );
    for (const body of [
      { id: 'audit-log', name: 'The Log of Audits' },
      { id: 'zz', name: 'Audit Log' },
      { id: 'zzz', name: 'Audit Logbook', description: 'log log log' },
    ])
      await registry.call('POST', '/api/tools', { body: { ...body, owner: 'crowd' } });
    const byName = await get('/api/tools/search?q=audit%20log&limit=3');
    expect(ids(byName.data).slice(0, 1)).to.deep.equal(['zz']);
    expect(byName.total).to.equal(1_000);
    expect(ids((await get('/api/tools/search?q=Audit-Log&limit=1')).data)).to.deep.equal(['audit-log']);
    expect(ids((await get('/api/tools/search?q=audit%20logb&limit=1')).data)).to.deep.equal(['zzz']);
    await registry.pool.query(`DELETE FROM tool_registry WHERE owner = 'crowd'`);
  });

  for (const sort of ['name', '-name', 'createdAt', '-updatedAt', 'status'])
    it(`lists neither skip nor repeat a tool by ${sort} during concurrent changes`, async () => {
      const before = new Set(ids((await get('/api/tools?limit=200')).data));
      let reading = true;
      const isReading = (): boolean => reading;
      let came = 0;
      // spread over the sort order; half of them are deleted again
      const writers = ['AAA', 'Jjj', 'zzz'].map(async (name) => {
        for (let i = 0; isReading() && i < 30; i += 1) {
          const manifest = aManifest({ name: `${name} ${i}`, status: i % 2 === 0 ? 'alpha' : 'deprecated' });
          await registry.call('POST', '/api/tools', { body: manifest });
          came += 1;
          if (i % 2 === 0) await registry.call('DELETE', `/api/tools/${manifest.id}`);
        }
      });
      const seen: string[] = [];
      let pages = 0;
      let cursor: string | null = '';
      for (; cursor !== null && pages < 200; pages += 1) {
        const body: { data: Item[]; nextCursor: string | null } = await get(
          `/api/tools?sort=${sort}&limit=2&cursor=${encodeURIComponent(cursor)}`,
        );
        seen.push(...ids(body.data));
        cursor = body.nextCursor;
      }
      reading = false;
      await Promise.all(writers);
      expect(came, 'tools that came meanwhile').to.be.greaterThan(0);
      expect(new Set(seen).size, 'no tool twice').to.equal(seen.length);
      expect(
        [...before].filter((id) => !seen.includes(id)),
        'none missing',
      ).to.deep.equal([]);
      const real = await registry.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM tool_registry');
      expect((await get('/api/tools?limit=1')).total).to.equal(real.rows[0]?.n);
      await registry.pool.query(`DELETE FROM tool_registry WHERE NOT tool_id = ANY ($1)`, [[...before]]);
    });

  it('updates counts after a change by another process', async () => {
    const { total } = await get('/api/tools?owner=new-team');
    expect(total).to.equal(0);
    await registry.pool.query(
      `INSERT INTO tool_registry (tool_id, name, version, route, api_base, owner)
       VALUES ('from-psql', 'From psql', '1.0.0', '/tools/from-psql', '/api/tools/from-psql', 'new-team')`,
    );
    for (let look = 0; look < 50; look += 1) {
      if ((await get('/api/tools?owner=new-team')).total === 1) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect.fail('the new tool was never counted');
  });
});
