import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import sinon from 'sinon';
import type { ToolRoute } from '../../../../monolith/server/gateway/route-table.ts';
import { watchServiceModes } from '../../../../monolith/server/platform/service-modes.ts';

describe('services in containers and the mode of the platform', () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
  });

  /** The address of a service that reports this on `/readyz`. */
  async function serviceWith(readiness: object): Promise<string> {
    const server = createServer((_request, response) => response.end(JSON.stringify(readiness)));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function problemsOf(
    mode: 'development' | 'production',
    instances: readonly string[],
    runtime: ToolRoute['runtime'] = 'docker',
  ) {
    const error = sinon.stub();
    const logger = { debug: error, info: error, warn: error, error };
    const route: ToolRoute = {
      toolId: 'crm',
      serviceUrl: instances[0] ?? '',
      instances,
      webRoot: '',
      runtime,
    };
    const modes = watchServiceModes({ routes: { all: () => [route] }, mode, logger });
    await modes.check();
    await modes.check();
    expect(error.callCount, 'each problem is logged once').to.equal(modes.problems().length);
    return modes.problems().map(({ message }) => message);
  }

  const open = { authMode: 'development', checks: { keys: true } };
  const closed = { authMode: 'required', checks: { keys: true } };

  it('names a service that accepts callers without a token in production, with the commands that close it', async () => {
    const [message = ''] = await problemsOf('production', [
      await serviceWith(closed),
      await serviceWith(open),
    ]);
    expect(message).to.contain('The service of "crm" accepts callers without a token');
    expect(message).to.contain('Set AUTH_MODE: required for crm-api crm-api-2 in docker-compose.poc.yml');
    expect(message).to.contain('docker compose -f docker-compose.poc.yml up --detach crm-api crm-api-2');
  });

  it('names a service that requires tokens in development', async () => {
    const [message = ''] = await problemsOf('development', [await serviceWith(closed)]);
    expect(message).to.contain('requires a token of every caller').and.contain('AUTH_MODE: development');
  });

  it('names a service that cannot fetch the keys of the platform', async () => {
    const keyless = await serviceWith({ authMode: 'required', checks: { keys: false } });
    const [message = ''] = await problemsOf('production', [keyless]);
    expect(message).to.contain('cannot fetch the keys').and.contain('PLATFORM_HOST=0.0.0.0');
  });

  it('says nothing of services in its own mode, of older and silent ones, and of local ones, which follow it', async () => {
    expect(await problemsOf('production', [await serviceWith(closed)])).to.deep.equal([]);
    expect(await problemsOf('production', [await serviceWith({ status: 'ready' })])).to.deep.equal([]);
    expect(await problemsOf('production', ['http://127.0.0.1:1'])).to.deep.equal([]);
    expect(await problemsOf('production', [await serviceWith(open)], 'local')).to.deep.equal([]);
    expect(await problemsOf('production', [await serviceWith(open)], null)).to.deep.equal([]);
  });
});
