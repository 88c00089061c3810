import { expect } from 'chai';
import type { Pool } from 'pg';
import sinon, { type SinonFakeTimers } from 'sinon';
import { keepHouse } from '../../registry-api/housekeeping.ts';
import { fakeClock } from '../support/fake-clock.ts';

describe('regular housekeeping', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());

  it('cleans up every minute until stopped, and reports faults except database outages', async () => {
    const query = sinon.stub();
    query.onCall(0).rejects(Object.assign(new Error('restart'), { code: '57P01' }));
    query.onCall(1).rejects(new Error('a mistake of ours'));
    query.rejects(new Error('once more'));
    const onFault = sinon.spy();
    const stop = keepHouse({ query } as unknown as Pool, onFault);
    await clock.tickAsync(59_999);
    sinon.assert.notCalled(query);
    await clock.tickAsync(60_001);
    expect(onFault.args.flat().map(String)).to.deep.equal(['Error: a mistake of ours']);
    stop();
    await clock.tickAsync(600_000);
    sinon.assert.calledTwice(query);
  });

  it('does not start a clean-up while the previous one runs', async () => {
    let end: (reason: Error) => void = () => undefined;
    const query = sinon.stub().returns(new Promise((_, reject) => (end = reject)));
    const stop = keepHouse({ query } as unknown as Pool, () => undefined);
    await clock.tickAsync(180_000);
    sinon.assert.calledOnce(query);
    end(new Error('it ended'));
    await clock.tickAsync(60_000);
    sinon.assert.calledTwice(query);
    stop();
  });
});
