import { expect } from 'chai';
import type { SinonFakeTimers } from 'sinon';
import type { GateVerdict } from '../../../../contracts/gates.ts';
import type { PlatformError } from '../../../../contracts/errors.ts';
import type { Ports } from '../../../../exporter/core/ports.ts';
import { warmUp } from '../../../../exporter/core/warm-up.ts';
import { warmUpRequests } from '../../../../exporter/generate/infrastructure/warm-up-requests.ts';
import { startService } from '../../../../exporter/steps/infrastructure/operations/start-service.ts';
import { startContainers } from '../../../../exporter/steps/infrastructure/operations/start-containers.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { fixtureFacts } from '../../support/fixture-facts.ts';

describe('warming up a service', () => {
  const facts = fixtureFacts();
  const instances = warmUpRequests({
    ...facts,
    settings: { ...facts.settings, healthTimeout: 1 },
    infrastructure: { ...facts.infrastructure, replicaPorts: [3005] },
  });

  let clock: SinonFakeTimers;
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());

  /** Ports whose instances answer by `statusOf`, given the port and the number of earlier requests to it. */
  function portsWith(statusOf: (port: string, earlier: number) => number) {
    const asked: Record<string, number> = {};
    const gates: string[] = [];
    const ports = {
      http: {
        get(url: string) {
          const { port } = new URL(url);
          const earlier = asked[port] ?? 0;
          asked[port] = earlier + 1;
          return Promise.resolve({ status: statusOf(port, earlier), body: '{"status": "healthy"}' });
        },
      },
      files: { readText: () => Promise.resolve('the last line of its log') },
      report: {
        progress: () => undefined,
        gate: ({ gate, outcome }: GateVerdict) => void gates.push(`${gate}: ${outcome}`),
      },
      signal: new AbortController().signal,
    };
    return { asked, gates, ports: ports as unknown as Ports };
  }

  it('sends each instance more requests at once than it has connections to its database', async () => {
    const { asked, ports } = portsWith(() => 200);
    await warmUp(instances, ports);
    expect(Object.keys(asked)).to.deep.equal(['3004', '3005']);
    for (const [port, requests] of Object.entries(asked)) expect(requests, port).to.be.greaterThan(10);
  });

  it('bears that the first requests fail', async () => {
    const { ports } = portsWith((_port, earlier) => (earlier < 2 ? 503 : 200));
    const warmed = warmUp(
      instances.map((instance) => ({ ...instance, timeoutMs: 10_000 })),
      ports,
    );
    await clock.runAllAsync();
    await warmed;
  });

  it('fails when an instance stops answering under its first load, with the last lines of its log', async () => {
    const { gates, ports } = portsWith((port, earlier) => (port === '3005' && earlier > 5 ? 500 : 200));
    const failed = warmUp(instances, ports).catch((thrown: unknown) => thrown);
    await clock.runAllAsync();
    const error = await failed;
    expect(error).to.include({ code: 'health-failed' });
    expect(gates).to.deep.equal(['service-health: failed']);
    expect((error as PlatformError).message).to.match(
      /^crm-api-2: GET http:\/\/127\.0\.0\.1:3005\/api\/crm\/health answered 500 .*the last line of its log$/s,
    );
  });

  it('warms up instances when they start, before the route is switched', () => {
    const [local] = startService.plan(fixtureFacts({ runtime: 'local' }));
    const [docker] = startContainers.plan(fixtureFacts({ runtime: 'docker' }));
    for (const start of [local, docker])
      expect(start?.after.warmUp?.map(({ url }) => url)).to.deep.equal([
        'http://127.0.0.1:3004/api/crm/health',
      ]);
  });
});
