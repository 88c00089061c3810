import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect } from 'chai';
import { freePorts } from '../../../exporter/adapters/processes/free-ports.ts';

describe('the search for free ports', () => {
  let server: Server;
  let busy: number;
  const none = new Set<number>();
  const free = (): Promise<boolean> => Promise.resolve(true);
  const listenOn = async (host: string): Promise<void> => {
    server = createServer().listen(0, host);
    await once(server, 'listening');
    busy = (server.address() as AddressInfo).port;
  };
  afterEach(() => server.close());

  it('skips a port that another program uses on one address or on all', async () => {
    for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
      await listenOn(host);
      const found = await freePorts({ from: busy, to: busy, count: 1, taken: none, reserve: free });
      expect(found, host).to.deep.equal([]);
      server.close();
    }
  });

  it('skips published and reserved ports, in order', async () => {
    await listenOn('127.0.0.1');
    const tried: number[] = [];
    const found = await freePorts({
      from: busy,
      count: 2,
      host: '127.0.0.1',
      taken: new Set([busy + 1]),
      reserve: (port) => Promise.resolve(tried.push(port) > 1),
    });
    expect(found).to.have.length(2);
    expect(tried.filter((port) => port <= busy + 1)).to.deep.equal([]);
    expect(found).to.deep.equal(tried.slice(1));
  });

  it('finds the same free ports when it is repeated', async () => {
    await listenOn('127.0.0.1');
    const search = { from: busy, count: 3, host: '127.0.0.1', taken: none, reserve: free };
    expect(await freePorts(search)).to.deep.equal(await freePorts(search));
  });
});
