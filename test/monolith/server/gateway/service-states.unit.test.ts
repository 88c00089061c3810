import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createServiceStates } from '../../../../monolith/server/gateway/service-states.ts';

describe('the states of exported services', () => {
  const servers: Server[] = [];
  let requests = 0;
  /** An instance that answers with this status; 0: a port at which nothing listens. */
  const instance = async (status: number): Promise<string> => {
    const server = createServer((request, response) => {
      requests += 1;
      response.writeHead(request.url === '/readyz' ? status : 500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (status === 0) await new Promise((resolve) => server.close(resolve));
    else servers.push(server);
    return url;
  };
  const route = async (toolId: string, ...answers: readonly number[]) => {
    const instances = await Promise.all(answers.map(instance));
    return { toolId, serviceUrl: instances[0] ?? '', instances, webRoot: '' };
  };
  beforeEach(() => (requests = 0));
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('distinguishes a service that is down from one that is not ready, and counts ready instances', async () => {
    const routes = await Promise.all([
      route('up', 200),
      route('away', 0),
      route('without-database', 503),
      route('half', 200, 0, 503),
    ]);
    const states = await createServiceStates({ all: () => routes })();
    expect(states).to.deep.equal([
      { id: 'up', state: 'ready', instances: 1, ready: 1 },
      { id: 'away', state: 'down', instances: 1, ready: 0 },
      { id: 'without-database', state: 'not-ready', instances: 1, ready: 0 },
      { id: 'half', state: 'degraded', instances: 3, ready: 1 },
    ]);
  });

  it('asks each service for its state once, however many pages are open', async () => {
    const routes = [await route('up', 200)];
    const ask = createServiceStates({ all: () => routes }, 60_000);
    await Promise.all([ask(), ask()]);
    await ask();
    expect(requests).to.equal(1);
  });
});
