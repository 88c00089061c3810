import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { openLab, type Lab } from '../support/lab.ts';

const TOOL = 'inventory-tracker';
const ITEMS = [`/api/tools/${TOOL}/items`, `/api/${TOOL}/items`];

describe('a tool of an application that the platform is part of', function () {
  this.timeout(600_000);
  let lab: Lab;
  let application: ChildProcess;
  let session = '';

  const ask = (address: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${lab.platformUrl}${address}`, {
      ...init,
      headers: { cookie: session, 'content-type': 'application/json', ...(init.headers as object) },
    });
  const create = (sku: string, headers = {}): Promise<Response> =>
    ask(ITEMS[1]!, { method: 'POST', headers, body: JSON.stringify({ sku, name: sku, quantity: 1 }) });
  const skus = async (address: string): Promise<readonly string[]> => {
    const response = await ask(`${address}?q=EMBEDDED`);
    expect(response.status, address).to.equal(200);
    return ((await response.json()) as { data: { sku: string }[] }).data.map(({ sku }) => sku).sort();
  };
  const services = async (): Promise<readonly string[]> => {
    const response = await ask('/api/registry/service-states');
    return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };

  before(async () => {
    lab = await openLab({ start: false });
    application = lab.spawnWith(
      { PORT: new URL(lab.platformUrl).port },
      'node',
      '--import',
      './test/monolith/server/resolve-example.ts',
      'docs/examples/express-5/app.js',
    );
    while ((await fetch(lab.platformUrl).catch(() => null)) === null && application.exitCode === null)
      await delay(100);
    const signedIn = await ask('/login', { method: 'POST', body: JSON.stringify({ name: 'ada' }) });
    session = signedIn.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  });
  after(async () => {
    application.kill('SIGKILL');
    await lab.close();
  });

  it('keeps its addresses, callers and data through an export and its rollback', async () => {
    expect((await create('EMBEDDED-1')).status).to.equal(201);
    for (const address of ITEMS) expect(await skus(address)).to.deep.equal(['EMBEDDED-1']);

    const exported = await lab.gulpJson('export', `--tool-id=${TOOL}`, '--runtime=local');
    expect(exported.code, JSON.stringify(exported.report.findings)).to.equal(0);
    expect(await services()).to.deep.equal([TOOL]);
    expect((await create('EMBEDDED-2')).status).to.equal(201);
    expect((await create('EMBEDDED-3', { origin: 'http://else.example' })).status).to.equal(403);
    for (const address of ITEMS) {
      expect(await skus(address)).to.deep.equal(['EMBEDDED-1', 'EMBEDDED-2']);
      expect((await ask(address, { headers: { cookie: '' } })).status, 'a visitor').to.equal(401);
    }
    expect(await (await ask('/', {})).text()).to.equal('The application, for ada');

    const back = await lab.gulpJson('rollback', `--tool-id=${TOOL}`, '--bring-back');
    expect(back.code, JSON.stringify(back.report.findings)).to.equal(0);
    expect(await services()).to.deep.equal([]);
    for (const address of ITEMS) expect(await skus(address)).to.deep.equal(['EMBEDDED-1', 'EMBEDDED-2']);
  });

  it('ends with the application, which nothing of the platform keeps alive', async () => {
    const ended = once(application, 'exit');
    application.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
  });
});
