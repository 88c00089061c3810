import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { prepareDrain } from '../../../contracts/host/drain.ts';

const TIMES = { quiet: 200, limit: 5_000, grace: 5_000 };

describe('draining a server', () => {
  let server: Server;
  /** A proxy: it reuses its connections. */
  let proxy: Agent;

  async function listen(listener: RequestListener, times = TIMES): Promise<() => Promise<void>> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = new Agent({ keepAlive: true });
    return prepareDrain(server, times);
  }
  afterEach(() => {
    proxy.destroy();
    server.closeAllConnections();
    server.close();
  });

  /** The status and whether the server keeps the connection, or the code of the error. */
  async function ask(): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', agent: proxy });
    sent.end();
    try {
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return `${answer.statusCode} ${answer.headers.connection}`;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }

  it('answers requests that arrive during the drain, and asks the proxy to close each connection', async () => {
    const drain = await listen((_request, response) => response.end('ok'));
    expect(await Promise.all([ask(), ask(), ask()])).to.deep.equal(Array(3).fill('200 keep-alive'));
    const drained = drain();
    for (let sent = 0; sent < 8; sent++) {
      expect(await ask()).to.equal('200 close');
      await delay(20);
    }
    const { port } = server.address() as AddressInfo;
    await drained;
    const late = request({ port, host: '127.0.0.1', agent: proxy });
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNREFUSED');
  });

  it('ends at its limit even if requests keep arriving', async () => {
    const drain = await listen((_request, response) => response.end('ok'), { ...TIMES, limit: 150 });
    const progress = { drained: false };
    const ending = drain().then(() => (progress.drained = true));
    const { port } = server.address() as AddressInfo;
    while (!progress.drained) {
      const sent = request({ port, host: '127.0.0.1' }, (answer) => answer.resume());
      sent.on('error', () => undefined).end();
      await delay(10);
    }
    await ending;
    expect(server.listening).to.equal(false);
  });

  it('finishes a request in progress, and closes the connection with its answer', async () => {
    const arrived = Promise.withResolvers<null>();
    const go = Promise.withResolvers<null>();
    const drain = await listen((_request, response) => {
      arrived.resolve(null);
      void go.promise.then(() => response.end('slow'));
    });
    const answer = ask();
    await arrived.promise;
    const drained = drain();
    await delay(TIMES.quiet * 2);
    go.resolve(null);
    expect(await answer).to.equal('200 close');
    await drained;
  });

  it('closes the connection of an answer that had begun before the drain', async () => {
    const begun = Promise.withResolvers<null>();
    const go = Promise.withResolvers<null>();
    const drain = await listen((_request, response) => {
      response.write('half');
      begun.resolve(null);
      void go.promise.then(() => response.end(' and half'));
    });
    const answer = ask();
    await begun.promise;
    const drained = drain();
    go.resolve(null);
    expect(await answer).to.equal('200 keep-alive');
    await drained;
  });

  it('cuts a request that outlasts the grace', async () => {
    const arrived = Promise.withResolvers<null>();
    const drain = await listen(() => arrived.resolve(null), { ...TIMES, quiet: 0, grace: 50 });
    const answer = ask();
    await arrived.promise;
    await drain();
    expect(await answer).to.equal('ECONNRESET');
  });
});
