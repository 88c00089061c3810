import { expect } from 'chai';
import type { SinonFakeTimers } from 'sinon';
import { createRotation } from '../../../../monolith/server/gateway/instances.ts';
import { fakeClock } from '../../../support/fake-clock.ts';

describe('the rotation of instances', () => {
  const all = ['a', 'b', 'c'];
  let clock: SinonFakeTimers;
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());

  it('rotates through the instances of a service', () => {
    const rotation = createRotation();
    const firsts = Array.from({ length: 6 }, () => rotation.order(all)[0]);
    expect(firsts).to.deep.equal(['b', 'c', 'a', 'b', 'c', 'a']);
  });

  it('puts a failed instance last for ten seconds, and no longer', async () => {
    const rotation = createRotation();
    rotation.failed('b');
    await clock.tickAsync(9_999);
    for (let i = 0; i < 3; i += 1) expect(rotation.order(all)[2]).to.equal('b');
    await clock.tickAsync(1);
    expect(Array.from({ length: 3 }, () => rotation.order(all)[0])).to.include('b');
  });

  it('sends a request that must not be repeated to a failed instance only after it has answered, or a minute', async () => {
    const rotation = createRotation();
    const once = { isRepeatable: false };
    const firsts = (): unknown[] => Array.from({ length: 3 }, () => rotation.order(all, once)[0]);
    rotation.failed('b');
    await clock.tickAsync(59_999);
    expect(firsts()).not.to.include('b');
    rotation.answered('b');
    expect(firsts()).to.include('b');
    rotation.failed('b');
    await clock.tickAsync(60_000);
    expect(firsts()).to.include('b');
  });

  it('counts the ten seconds from the latest failure, and keeps all instances when all failed', async () => {
    const rotation = createRotation();
    rotation.failed('b');
    await clock.tickAsync(6_000);
    for (const instance of ['b', 'a', 'c']) rotation.failed(instance);
    await clock.tickAsync(6_000);
    expect(rotation.order(all)).to.have.members(all);
    rotation.failed('a');
    await clock.tickAsync(5_000);
    for (let i = 0; i < 3; i += 1) expect(rotation.order(all)[2]).to.equal('a');
  });
});
