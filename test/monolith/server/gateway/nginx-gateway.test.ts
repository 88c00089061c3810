import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { openGatewayLab, startEcho, type GatewayLab } from '../../../support/nginx-gateway.ts';

describe('an nginx gateway that is ended from outside', () => {
  let lab: GatewayLab;
  let platform: Awaited<ReturnType<typeof startEcho>>;
  const health = (): Promise<number> =>
    fetch(`${lab.url}/__gateway/health`).then(
      ({ status }) => status,
      () => 0,
    );
  const master = async (): Promise<number> =>
    Number(await readFile(path.join(lab.root, '.platform/gateway/nginx.pid'), 'utf8').catch(() => ''));

  before(async () => {
    platform = await startEcho('platform');
    lab = await openGatewayLab(platform.port);
  });
  after(async () => {
    await lab.close();
    await platform.close();
  });

  it('reports an nginx that was ended from outside, and starts it again on its port', async () => {
    const gateway = await lab.start();
    expect(gateway.problem()).to.equal(null);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const before = await master();
      process.kill(before, signal);
      while (gateway.problem() === null) await delay(5);
      expect(gateway.problem()).to.include('nginx, the gateway, has ended');
      while (gateway.problem() !== null) await delay(20);
      expect(await master()).not.to.equal(before);
      expect(await health()).to.equal(200);
    }
    await gateway.stop();
    expect(await health()).to.equal(0);
  }).timeout(30_000);
});
