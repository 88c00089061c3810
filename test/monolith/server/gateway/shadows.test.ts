import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import express, { type RequestHandler } from 'express';
import {
  createShadows,
  type ShadowReport,
  type Shadows,
} from '../../../../monolith/server/gateway/shadows.ts';
import { withoutPlatformCookies } from '../../../../monolith/server/session/cookies.ts';

type Totals = Omit<ShadowReport, 'examples'> & { examples: string[]; open: number };

describe('answers that are compared with those of the service', () => {
  let monolith: express.Router;
  let service: express.Router;
  let servers: Server[];
  let shadows: Shadows;
  let totals: Totals;
  let base: string;
  let instance: string;

  async function listen(app: express.Express): Promise<string> {
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  beforeEach(async () => {
    [monolith, service, servers] = [express.Router(), express.Router(), []];
    totals = { compared: 0, differing: 0, unstable: 0, skipped: 0, open: 0, examples: [] };
    shadows = createShadows({
      authorizationFor: () => Promise.resolve('Bearer exchanged'),
      withoutCookies: withoutPlatformCookies,
      record(_toolId, { open, examples, ...counts }) {
        for (const name of ['compared', 'differing', 'unstable', 'skipped'] as const)
          totals[name] += counts[name];
        totals.open = open;
        totals.examples.push(...examples);
        return Promise.resolve();
      },
    });
    base = await listen(
      express().use(
        '/api/tools/:toolId',
        (req, res, next) => void shadows.handler(req, res, next),
        (req, res, next) => monolith(req, res, next),
      ),
    );
    instance = await listen(express().use('/api/crm', (req, res, next) => service(req, res, next)));
    apply();
  });
  afterEach(() => {
    shadows.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const apply = (more: { ignored?: readonly string[]; ms?: number } = {}): void =>
    shadows.apply([{ toolId: 'crm', id: 'first', instance, ignored: [], ms: 60_000, ...more }]);
  const get = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${base}/api/tools/crm${path}`, init);

  /** Until every comparison has ended and is reported. */
  async function reported(n: number): Promise<Totals> {
    const sum = (): number => totals.compared + totals.unstable + totals.skipped;
    while (sum() < n || totals.open > 0) await delay(20);
    return totals;
  }
  const same: RequestHandler = (req, res) => void res.json({ path: req.path, query: req.query });

  it('are counted, and the caller gets that of the monolith', async () => {
    monolith.get('/items', (_req, res) => void res.json([1]));
    service.get('/items', (_req, res) => void res.json([1]));
    expect(await (await get('/items')).json()).to.deep.equal([1]);
    expect(await reported(1)).to.include({ compared: 1, differing: 0 });
  });

  it('name what differs, also when the service does not answer', async () => {
    monolith.get('/items', (_req, res) => void res.json([{ name: 'a' }]));
    service.get('/items', (_req, res) => void res.json([{ name: 'b' }]));
    monolith.get('/gone', (_req, res) => void res.json([]));
    service.get('/gone', (req) => void req.socket.destroy());
    for (const path of ['/items?token=secret', '/items?token=secret', '/gone']) await get(path);
    const { differing, examples } = await reported(3);
    expect(differing).to.equal(3);
    expect(examples.toSorted()).to.deep.equal([
      'GET /gone: the service does not answer',
      'GET /items?token=[Redacted]: body at /0/name: "a", and "b" of the service',
    ]);
  });

  it('count as equal when the service follows a moment later', async () => {
    let asked = 0;
    monolith.get('/items', (_req, res) => void res.json(['new']));
    service.get('/items', (_req, res) => void res.json(asked++ === 0 ? [] : ['new']));
    await get('/items');
    expect(await reported(1)).to.include({ compared: 1, differing: 0 });
    expect(asked).to.equal(2);
  });

  it('are not compared where the monolith itself answers differently each time', async () => {
    let n = 0;
    monolith.get('/time', (_req, res) => void res.json({ n: n++ }));
    service.get('/time', (_req, res) => void res.json({ n: -1 }));
    await get('/time');
    expect(await reported(1)).to.include({ compared: 0, unstable: 1, differing: 0 });
  });

  it('send the service the path, the query, the headers, and a credential of its own', async () => {
    monolith.use(same);
    let seen: express.Request | null = null;
    service.use((req, res, next) => {
      seen = req;
      same(req, res, next);
    });
    await get('/a/b?x=1', {
      headers: { 'X-Mine': 'yes', Authorization: 'Bearer mine', Cookie: 'mine=1; platform_session=s' },
    });
    expect(await reported(1)).to.include({ compared: 1, differing: 0 });
    const { headers, originalUrl } = seen!;
    expect(originalUrl).to.equal('/api/crm/a/b?x=1');
    expect(headers).to.include({ 'x-mine': 'yes', authorization: 'Bearer exchanged', cookie: 'mine=1' });
  });

  it('leave out writes, other tools, and requests after the end', async () => {
    let asked = 0;
    service.use((_req, res) => void res.json(asked++));
    monolith.use((_req, res) => void res.json('fine'));
    await get('/items', { method: 'POST' });
    await get('/items', { method: 'HEAD' });
    await fetch(`${base}/api/tools/fleet/items`);
    shadows.apply([]);
    await get('/items');
    await delay(50);
    expect(asked).to.equal(0);
  });

  it('are recorded when their time is over meanwhile', async () => {
    monolith.get('/items', (_req, res) => void res.json([1]));
    service.get('/items', (_req, res) => void delay(300).then(() => res.json([2])));
    await get('/items');
    await delay(20);
    shadows.apply([]);
    expect(await reported(1)).to.include({ compared: 1, differing: 1 });
  });

  it('are skipped when they are too large or too many at once', async () => {
    const big = 'x'.repeat(1024 * 1024 + 1);
    monolith.get('/big', (_req, res) => void res.send(big));
    monolith.get('/slow', (_req, res) => void delay(100).then(() => res.json(1)));
    service.use((_req, res) => void res.json(1));
    expect((await (await get('/big')).text()).length).to.equal(big.length);
    expect(await reported(1)).to.include({ skipped: 1 });
    await Promise.all(Array.from({ length: 6 }, () => get('/slow')));
    expect(await reported(7)).to.include({ skipped: 3, compared: 4, differing: 0 });
  });
});
