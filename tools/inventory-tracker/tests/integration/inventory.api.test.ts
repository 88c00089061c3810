import { expect } from 'chai';
import type {
  InventoryItem,
  InventoryTransaction,
  Page,
} from '#tools/inventory-tracker/backend/types/inventory.types.ts';
import { openScratchDatabase, seed, type ScratchDatabase } from '../support/database.ts';
import { openHost, type Host } from '../support/host.ts';

const READ = ['inventory:read'];
const WRITE = ['inventory:read', 'inventory:write'];

interface Problem {
  readonly code: string;
  readonly errors: readonly { readonly pointer: string }[];
}

describe('inventory API', () => {
  let database: ScratchDatabase;
  let host: Host;

  before(async () => {
    database = await openScratchDatabase();
    host = await openHost(database.pool);
  });
  after(async () => {
    await host.close();
    await database.close();
  });
  beforeEach(() => database.pool.query('TRUNCATE inventory_transactions, inventory_items'));

  const create = async (body: object): Promise<InventoryItem> => {
    const answer = await host.call<InventoryItem>('POST', '/items', { body, permissions: WRITE });
    expect(answer.status).to.equal(201);
    return answer.body;
  };
  const adjust = (id: string, change: number) =>
    host.call<{ item: InventoryItem; transaction: InventoryTransaction } & Problem>(
      'POST',
      `/items/${id}/adjust`,
      { body: { change }, permissions: WRITE },
    );

  it('creates an item, returns its location, and reads it as stored', async () => {
    const body = { sku: 'HXB-1', name: 'O\'Neil\'s "bolt"; DROP TABLE x', price: '0.10', quantity: 3 };
    const created = await host.call<InventoryItem>('POST', '/items', { body, permissions: WRITE });
    expect(created.status).to.equal(201);
    expect(created.body).to.include({ ...body, location: '', reorderLevel: 0 });
    expect(created.headers.get('location')).to.equal(`/items/${created.body.id}`);
    const got = await host.call('GET', `/items/${created.body.id}`, { permissions: READ });
    expect(got.body).to.deep.equal(created.body);
  });

  it('keeps a price exactly where floating point would round it', async () => {
    const { price } = await create({ sku: 'P', name: 'p', price: '9999999999.99' });
    expect(price).to.equal('9999999999.99');
  });

  it('rejects a duplicate SKU on create and on edit', async () => {
    await create({ sku: 'A', name: 'a' });
    const b = await create({ sku: 'B', name: 'b' });
    const again = await host.call<Problem>('POST', '/items', {
      body: { sku: 'A', name: 'x' },
      permissions: WRITE,
    });
    const moved = await host.call<Problem>('PUT', `/items/${b.id}`, {
      body: { sku: 'A', name: 'x' },
      permissions: WRITE,
    });
    for (const answer of [again, moved]) {
      expect(answer.status).to.equal(409);
      expect(answer.body.code).to.equal('sku-taken');
    }
  });

  it('edits every field except the stock', async () => {
    const item = await create({ sku: 'A', name: 'a', quantity: 7, attributes: { colour: 'red' } });
    const body = { sku: 'A-2', name: 'b', price: '2.50', attributes: { boxed: true } };
    const edited = await host.call<InventoryItem>('PUT', `/items/${item.id}`, { body, permissions: WRITE });
    expect(edited.body).to.deep.include({ ...body, quantity: 7 });
  });

  it('refuses to edit or delete an item that another user has edited after it was read', async () => {
    const { id } = await create({ sku: 'A', name: 'a' });
    const etagOf = async (): Promise<string> => {
      const { headers } = await host.call('GET', `/items/${id}`, { permissions: READ });
      return headers.get('etag') ?? '';
    };
    const sendIf = (method: string, version: string, body?: object) =>
      host.call<InventoryItem & Problem>(method, `/items/${id}`, {
        body,
        permissions: WRITE,
        headers: { 'if-match': version },
      });
    const etag = await etagOf();
    expect((await sendIf('PUT', `W/${etag}`, { sku: 'A', name: 'first' })).status).to.equal(200);
    for (const late of [
      await sendIf('PUT', etag, { sku: 'A', name: 'second' }),
      await sendIf('PUT', '"x"', { sku: 'A', name: 'second' }),
      await sendIf('DELETE', etag),
    ])
      expect([late.status, late.body.code]).to.deep.equal([412, 'item-changed']);
    const version = await etagOf();
    const both = await Promise.all(['b', 'c'].map((name) => sendIf('PUT', version, { sku: 'A', name })));
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 412]);
    expect((await sendIf('DELETE', '*')).status).to.equal(204);
    expect((await sendIf('PUT', version, { sku: 'A', name: 'd' })).status).to.equal(404);
  });

  it('edits an item whose stock has moved since it was read, and keeps no old stock in caches', async () => {
    const { id } = await create({ sku: 'A', name: 'a', quantity: 1 });
    const read = (headers = {}) => host.call(`GET`, `/items/${id}`, { permissions: READ, headers });
    const etag = (await read()).headers.get('etag') ?? '';
    await adjust(id, 4);
    const cached = await read({ 'if-none-match': etag });
    expect(cached.status).to.equal(200);
    const edited = await host.call<InventoryItem>('PUT', `/items/${id}`, {
      body: { sku: 'A', name: 'b' },
      permissions: WRITE,
      headers: { 'if-match': etag },
    });
    expect([edited.status, edited.body.name, edited.body.quantity]).to.deep.equal([200, 'b', 5]);
  });

  it('pages through the list without gaps or duplicates, and counts all rows', async () => {
    await seed(database.pool);
    const seen = new Set<string>();
    for (let offset = 0; offset < 1250; offset += 200) {
      const page = await host.call<Page<InventoryItem>>('GET', `/items?limit=200&offset=${offset}`, {
        permissions: READ,
      });
      expect(page.body.total).to.equal(1250);
      for (const { id } of page.body.data) seen.add(id);
    }
    expect(seen.size).to.equal(1250);
  });

  it('has the same 1,250 items however often the seeds run', async () => {
    await seed(database.pool);
    await seed(database.pool);
    const { rows } = await database.pool.query<{ items: number; movements: number; id: string }>(
      `SELECT count(*)::int AS items, (SELECT count(*)::int FROM inventory_transactions) AS movements,
              min(id::text) FILTER (WHERE sku = 'HXB-ST-04') AS id
       FROM inventory_items`,
    );
    expect(rows[0]).to.deep.equal({ items: 1250, movements: 0, id: 'ca1fc0cb-0484-70c6-c132-0001bbdfdfd6' });
  });

  it('searches name and SKU with wildcards as literal characters', async () => {
    await create({ sku: 'A-1', name: '100% cotton' });
    await create({ sku: 'B-1', name: '100 m rope' });
    const find = async (q: string): Promise<string[]> => {
      const path = `/items?q=${encodeURIComponent(q)}`;
      const { body } = await host.call<Page<InventoryItem>>('GET', path, { permissions: READ });
      expect(body.total).to.equal(body.data.length);
      return body.data.map((item) => item.sku);
    };
    expect(await find('100%')).to.deep.equal(['A-1']);
    expect(await find('b-')).to.deep.equal(['B-1']);
    expect(await find('_')).to.deep.equal([]);
    expect(await find("'")).to.deep.equal([]);
  });

  it('lists items low on stock, sorted by price on request', async () => {
    await create({ sku: 'LOW-9', name: 'x', quantity: 2, reorderLevel: 5, price: '9.00' });
    await create({ sku: 'LOW-10', name: 'y', quantity: 5, reorderLevel: 5, price: '10.00' });
    await create({ sku: 'FULL', name: 'z', quantity: 6, reorderLevel: 5, price: '99.00' });
    const path = '/items?lowStock=true&sort=price&order=desc';
    const { body } = await host.call<Page<InventoryItem>>('GET', path, { permissions: READ });
    expect(body.data.map((item) => item.sku)).to.deep.equal(['LOW-10', 'LOW-9']);
  });

  it('moves stock and lists the ledger, newest first', async () => {
    const { id } = await create({ sku: 'A', name: 'a', quantity: 10 });
    const taken = await adjust(id, -4);
    expect(taken.status).to.equal(200);
    expect(taken.body.item.quantity).to.equal(6);
    expect(taken.body.transaction).to.include({ kind: 'issue', quantityAfter: 6, actor: 'tester' });
    await adjust(id, 1);
    const { body } = await host.call<Page<InventoryTransaction>>('GET', `/items/${id}/transactions`, {
      permissions: READ,
    });
    expect(body.total).to.equal(2);
    expect(body.data.map((entry) => entry.change)).to.deep.equal([1, -4]);
  });

  it('rejects an issue larger than the stock and changes nothing', async () => {
    const { id } = await create({ sku: 'A', name: 'a', quantity: 3 });
    const refused = await adjust(id, -4);
    expect(refused.status).to.equal(409);
    expect(refused.body.code).to.equal('insufficient-stock');
    const { rows } = await database.pool.query(
      'SELECT quantity, (SELECT count(*)::int FROM inventory_transactions) AS entries FROM inventory_items',
    );
    expect(rows[0]).to.deep.equal({ quantity: 3, entries: 0 });
  });

  it('serializes movements of the same item: none is lost, and stock is never negative', async () => {
    const { id } = await create({ sku: 'A', name: 'a', quantity: 5 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => adjust(id, -1)));
    expect(answers.filter((a) => a.status === 200)).to.have.length(5);
    expect(answers.filter((a) => a.status === 409)).to.have.length(7);
    const { body } = await host.call<InventoryItem>('GET', `/items/${id}`, { permissions: READ });
    expect(body.quantity).to.equal(0);
  });

  it('deletes an item unless the ledger references it', async () => {
    const plain = await create({ sku: 'A', name: 'a' });
    const moved = await create({ sku: 'B', name: 'b' });
    await adjust(moved.id, 1);
    const remove = (id: string) => host.call<Problem>('DELETE', `/items/${id}`, { permissions: WRITE });
    expect((await remove(plain.id)).status).to.equal(204);
    expect((await remove(plain.id)).status).to.equal(404);
    const refused = await remove(moved.id);
    expect(refused.status).to.equal(409);
    expect(refused.body.code).to.equal('item-has-movements');
  });

  it('answers 404 for an unknown or malformed id', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '%00'])
      for (const path of [`/items/${id}`, `/items/${id}/transactions`]) {
        const answer = await host.call<Problem>('GET', path, { permissions: READ });
        expect(answer.status, path).to.equal(404);
      }
  });

  it('lists every problem of a body', async () => {
    const answer = await host.call<Problem>('POST', '/items', {
      body: { price: 1, x: 1 },
      permissions: WRITE,
    });
    expect(answer.status).to.equal(422);
    expect(answer.body.errors.map((e) => e.pointer)).to.have.members(['/sku', '/name', '/price', '/x']);
  });

  it('requires the permission that the manifest declares', async () => {
    const body = { sku: 'A', name: 'a' };
    expect((await host.call('GET', '/items')).status).to.equal(401);
    expect((await host.call('POST', '/items', { body, permissions: READ })).status).to.equal(403);
    expect((await host.call('GET', '/items', { permissions: ['inventory:write'] })).status).to.equal(403);
  });
});
