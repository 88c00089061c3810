import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { servicesInAnotherMode } from '../../../../exporter/commands/service-health.ts';
import type { Queryable } from '../../../../registry-api/store/pool.ts';

describe('the modes of exported services', () => {
  let server: Server;
  let client: Queryable;

  before(async () => {
    server = createServer((request, response) => {
      const authMode = /^\/(open|closed)\//.exec(request.url ?? '')?.[1];
      response.end(
        JSON.stringify(authMode === undefined ? {} : { authMode: MODES[authMode as 'open' | 'closed'] }),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rows = [
      { toolId: 'closed', serviceUrl: `${url}/closed` },
      { toolId: 'older', serviceUrl: `${url}/older` },
      { toolId: 'open', serviceUrl: `${url}/open` },
      { toolId: 'silent', serviceUrl: 'http://127.0.0.1:1' },
    ];
    client = { query: () => Promise.resolve({ rows }) } as unknown as Queryable;
  });
  after(() => server.close());

  const MODES = { open: 'development', closed: 'required' };

  it('reports services in another mode than a platform that was restarted since the export', async () => {
    const idsIn = async (mode: 'development' | 'production'): Promise<readonly string[]> =>
      (await servicesInAnotherMode(client, mode)).map(({ toolId, authMode }) => `${toolId} ${authMode}`);
    expect(await idsIn('production')).to.deep.equal(['open development']);
    expect(await idsIn('development')).to.deep.equal(['closed required']);
  });
});
