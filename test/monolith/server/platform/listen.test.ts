import { expect } from 'chai';
import { freePort, listen, type ListenOptions } from '../../../../monolith/server/platform/listen.ts';
import { PlatformError } from '../../../../contracts/errors.ts';

describe('listen', () => {
  const options: ListenOptions = {
    host: '127.0.0.1',
    port: 0,
    fixed: false,
    what: 'platform',
    variable: 'PLATFORM_PORT',
  };

  it('takes the next free port when the default one is taken', async () => {
    const first = await listen(() => undefined, options);
    const second = await listen(() => undefined, { ...options, port: first.port });
    expect(second.port).to.be.greaterThan(first.port);
    expect(await freePort({ ...options, port: first.port })).to.be.greaterThan(second.port);
    await Promise.all([first.close(0), second.close(0)]);
  });

  it('refuses when exactly that port was asked for, and names the variable', async () => {
    const first = await listen(() => undefined, options);
    const error = await listen(() => undefined, { ...options, port: first.port, fixed: true }).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).to.be.instanceOf(PlatformError);
    expect((error as PlatformError).exitCode).to.equal(3);
    expect((error as PlatformError).message)
      .to.include(String(first.port))
      .and.include('PLATFORM_PORT');
    await first.close(0);
  });

  it('keeps an idle connection open for longer than the minute for which nginx reuses it', async () => {
    const server = await listen((_req, res) => res.end(), options);
    const { headers } = await fetch(`http://127.0.0.1:${server.port}/`);
    const seconds = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1]);
    expect(seconds).to.be.greaterThan(60);
    await server.close(0);
  });

  it('lets a request under way finish, and cuts one that takes longer than the grace', async () => {
    let arrived = 0;
    const server = await listen((req, res) => {
      arrived += 1;
      if (req.url === '/quick') setTimeout(() => res.end('done'), 60);
    }, options);
    const base = `http://127.0.0.1:${server.port}`;
    const quick = fetch(`${base}/quick`).then((r) => r.text());
    const slow = fetch(`${base}/slow`).then(
      () => 'answered',
      () => 'cut',
    );
    while (arrived < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const [text, end] = await Promise.all([quick, slow, server.close(300), server.close(300)]);
    expect([text, end]).to.deep.equal(['done', 'cut']);
  });
});
