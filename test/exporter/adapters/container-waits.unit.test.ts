import { Readable } from 'node:stream';
import { expect } from 'chai';
import type Docker from 'dockerode';
import sinon, { type SinonFakeTimers, type SinonStub } from 'sinon';
import type { PlatformError } from '../../../contracts/errors.ts';
import { waitUntilHealthy } from '../../../exporter/adapters/docker/container-state.ts';
import { createEngine, pingEngine } from '../../../exporter/adapters/docker/engine.ts';
import { fakeClock } from '../../support/fake-clock.ts';

let clock: SinonFakeTimers;

/** The outcome of the promise after the clock has advanced by `ms`. */
async function after(ms: number, work: Promise<unknown>): Promise<unknown> {
  const end = work.then(
    () => 'done',
    (error: unknown) => error,
  );
  await clock.tickAsync(ms);
  return Promise.race([end, Promise.resolve('waiting')]);
}

describe('waiting until a container is healthy', () => {
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());
  const stop = new AbortController();
  let inspect: SinonStub;
  let exec: SinonStub;
  const state = (Status: string, health?: string, ExitCode = 0, RestartCount = 0) => ({
    State: {
      Status,
      Running: Status === 'running' || Status === 'restarting',
      Restarting: Status === 'restarting',
      ExitCode,
      ...(health === undefined ? {} : { Health: { Status: health } }),
    },
    RestartCount,
    Config: { Healthcheck: { Test: ['CMD', 'pg_isready', '-q'] } },
  });
  const wait = (): Promise<void> => {
    const container = { inspect, exec, logs: () => Promise.resolve(Buffer.alloc(0)) };
    const listContainers = () => Promise.resolve([{ Id: 'c1', Labels: {} }]);
    const engine = Object.assign(createEngine(), { getContainer: () => container, listContainers });
    const options = { project: 'shop', service: 'crm-api', timeoutMs: 30_000, signal: stop.signal };
    return waitUntilHealthy(engine, options);
  };
  /** A run of the container's health check that ends with this code. */
  const checkEnding = (ExitCode: number) => ({
    start: () => Promise.resolve(Readable.from([])),
    inspect: () => Promise.resolve({ ExitCode }),
  });
  beforeEach(() => {
    inspect = sinon.stub();
    exec = sinon.stub().resolves(checkEnding(1));
  });

  it('runs the health check of a container itself, as the engine does so rarely', async () => {
    inspect.resolves(state('running', 'starting'));
    exec.onCall(2).resolves(checkEnding(0));
    exec.onCall(1).rejects(new Error('the container is not running'));
    expect(await after(5_000, wait())).to.equal('done');
    sinon.assert.alwaysCalledWithMatch(exec, { Cmd: ['pg_isready', '-q'] });
    sinon.assert.calledThrice(exec);
  });

  it('runs a health check that is a line of a shell', async () => {
    inspect.resolves({
      ...state('running', 'starting'),
      Config: { Healthcheck: { Test: ['CMD-SHELL', 'a || b'] } },
    });
    exec.resolves(checkEnding(0));
    expect(await after(1_000, wait())).to.equal('done');
    sinon.assert.alwaysCalledWithMatch(exec, { Cmd: ['/bin/sh', '-c', 'a || b'] });
  });

  it('ends the wait once a container is healthy, or runs without a health check', async () => {
    inspect.resolves(state('running', 'starting')).onCall(5).resolves(state('running', 'healthy'));
    const waiting = wait();
    expect(await after(999, waiting)).to.equal('waiting');
    expect(await after(1, waiting)).to.equal('done');
    sinon.assert.callCount(inspect, 6);
    inspect = sinon.stub().resolves(state('running'));
    expect(await after(0, wait())).to.equal('done');
  });

  it('fails when a container is not healthy in time, and names its state', async () => {
    inspect.resolves(state('running', 'starting'));
    expect(await after(29_900, wait())).to.equal('waiting');
    const error = (await after(30_400, wait())) as PlatformError;
    expect(error).to.include({ code: 'health-failed' });
    expect(error.message).to.contain('crm-api was starting for 30 s');
  });

  it('fails at once when a container is unhealthy or has exited', async () => {
    inspect.resolves(state('running', 'unhealthy'));
    expect(String(await after(0, wait()))).to.contain('is unhealthy');
    inspect.resolves(state('exited', undefined, 3));
    expect(String(await after(0, wait()))).to.contain('ended with exit code 3');
  });

  it('fails at the third restart of a container with its last exit code, though it runs again', async () => {
    inspect.resolves(state('running', 'starting', 0, 1));
    inspect.onCall(1).resolves(state('restarting', 'starting', 137, 2));
    inspect.onCall(3).resolves(state('running', 'starting', 0, 3));
    expect(String(await after(600, wait()))).to.contain('ended with exit code 137');
  });

  it('ends the wait for a container when the export is interrupted', async () => {
    inspect.resolves(state('running', 'starting'));
    const waiting = after(1_000, wait());
    stop.abort();
    expect(await waiting).to.have.property('name', 'AbortError');
  });
});

describe('pinging the engine', () => {
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());
  const ping = (answer: SinonStub): Promise<void> => pingEngine({ ping: answer } as unknown as Docker);

  it('treats a silent Docker engine as unavailable after five seconds', async () => {
    const silent = sinon.stub().returns(new Promise(() => undefined));
    expect(await after(4_999, ping(silent))).to.equal('waiting');
    const error = (await after(5_000, ping(silent))) as PlatformError;
    expect(error).to.include({ code: 'engine-unavailable' });
    expect(error.message).to.contain('no answer within 5 s');
  });

  it('reports why the Docker engine refuses', async () => {
    const refused = sinon.stub().rejects(new Error('connect ENOENT /var/run/docker.sock'));
    expect(String(await after(0, ping(refused)))).to.contain('Docker is not running: connect ENOENT');
    expect(await after(0, ping(sinon.stub().resolves('OK')))).to.equal('done');
  });
});
