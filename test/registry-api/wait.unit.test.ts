import { expect } from 'chai';
import sinon, { type SinonFakeTimers } from 'sinon';
import { PlatformError } from '../../contracts/errors.ts';
import { waitForDatabase } from '../../registry-api/store/wait.ts';
import { fakeClock } from '../support/fake-clock.ts';

describe('waiting for the database', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());

  const unreachable = (code: string): PlatformError =>
    new PlatformError('database-unreachable', `not reachable: ${code}`, {
      cause: Object.assign(new Error(code), { code }),
    });
  /** When, in milliseconds, each try began, and what came of them. */
  async function waitWith(connect: sinon.SinonStub, ms: number) {
    const tries: number[] = [];
    const onWait = sinon.spy();
    const end = waitForDatabase(
      () => {
        tries.push(performance.now());
        return connect() as Promise<string>;
      },
      { patienceMs: 10_000, onWait },
    ).catch((error: unknown) => (error as Error).message);
    await clock.tickAsync(ms);
    return { tries, onWait, result: await Promise.race([end, Promise.resolve('still waiting')]) };
  }

  it('retries the database after 0.1, 0.2, 0.4, 0.8, 1.6 and then every 2 seconds, and reports the cause once', async () => {
    const connect = sinon.stub().rejects(unreachable('ECONNREFUSED'));
    connect.onCall(7).resolves('connected');
    const { tries, onWait, result } = await waitWith(connect, 7_100);
    expect(tries).to.deep.equal([0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100]);
    expect(result).to.equal('connected');
    sinon.assert.calledOnceWithExactly(onWait, sinon.match({ message: 'not reachable: ECONNREFUSED' }));
  });

  it('gives up waiting for the database with the last error', async () => {
    const { tries, result } = await waitWith(sinon.stub().rejects(unreachable('57P03')), 20_000);
    expect(result).to.equal('not reachable: 57P03');
    expect(tries.at(-1)).to.equal(9_100);
  });

  it('does not retry after a wrong password or a programming error', async () => {
    for (const error of [unreachable('28P01'), new Error('a mistake of ours')]) {
      const { tries, onWait, result } = await waitWith(sinon.stub().rejects(error), 0);
      expect(result).to.equal(error.message);
      expect(tries).to.have.length(1);
      sinon.assert.notCalled(onWait);
    }
  });
});
