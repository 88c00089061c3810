import { expect } from 'chai';
import { LagClock } from '../../../../extraction/live/follow/lag-clock.ts';

describe('the clock of a lag', () => {
  it('tells the age of the first write that is not confirmed', () => {
    const clock = new LagClock();
    const seconds = [
      clock.observe({ written: 100n, confirmed: 100n }, 0),
      clock.observe({ written: 200n, confirmed: 100n }, 1_000),
      clock.observe({ written: 300n, confirmed: 100n }, 3_000),
      clock.observe({ written: 300n, confirmed: 200n }, 4_000),
      clock.observe({ written: 300n, confirmed: 250n }, 6_000),
      clock.observe({ written: 300n, confirmed: 300n }, 7_000),
    ];
    expect(seconds).to.deep.equal([0, 0, 2, 1, 3, 0]);
  });

  it('grows while the target confirms nothing and the source is idle', () => {
    const clock = new LagClock();
    clock.observe({ written: 200n, confirmed: 100n }, 0);
    expect(clock.observe({ written: 200n, confirmed: 100n }, 20_000)).to.equal(20);
  });
});
