import { expect } from 'chai';
import type { ReturnReading } from '../../contracts/return-stream.ts';
import { addReading, type ReturnPast } from '../../registry-api/store/return-trend.ts';

const reading = (more: Partial<ReturnReading>): ReturnReading => ({
  toolId: 'parts',
  name: 'parts_db_back',
  database: 'parts_db',
  subscribed: true,
  enabled: true,
  running: true,
  slot: 'reserved',
  written: 0,
  applied: 0,
  errors: 0,
  ...more,
});

/** A reading each second. */
const read = (...readings: readonly Partial<ReturnReading>[]): ReturnPast => {
  let past: ReturnPast | null = null;
  for (const [second, more] of readings.entries()) past = addReading(past, reading(more), second * 1_000);
  return past!;
};

describe('readings of a way back', () => {
  it('give the age of the oldest write that the monolith lacks', () => {
    const { trend } = read(
      { written: 100, applied: 100 },
      { written: 250, applied: 100 },
      { written: 400, applied: 100 },
      { written: 900, applied: 300 },
      { written: 900, applied: 300 },
    );
    expect(trend.lagSeconds, 'up to 400 was written after 2 s').to.equal(2);
  });

  it('give no age when the monolith has everything', () => {
    expect(read({ written: 100 }, { written: 200, applied: 200 }).trend.lagSeconds).to.equal(0);
  });

  it('know no age where positions are unknown', () => {
    expect(read({ written: null, applied: null }).trend.lagSeconds).to.equal(null);
  });

  it('keep the age of the oldest write, and few marks, through a long outage', () => {
    const outage = Array.from({ length: 5_000 }, (_, second) => ({ written: second + 1, applied: 0 }));
    const { trend, marks } = read(...outage);
    expect(trend.lagSeconds).to.equal(4_999);
    expect(marks.length).to.be.at.most(200);
  });

  it('tell a change that fails until one is applied', () => {
    const failing = [{ written: 9 }, { written: 9, errors: 1 }, { written: 9, errors: 1 }];
    expect(read(...failing).trend.failing).to.equal(true);
    expect(read(...failing, { written: 9, applied: 9, errors: 1 }).trend.failing).to.equal(false);
    expect(read({ errors: 5 }, { errors: 5 }).trend.failing, 'failures of the past').to.equal(false);
  });

  it('tell a worker that is absent twice in a row', () => {
    expect(read({ running: false }).trend.absent).to.equal(false);
    expect(read({}, { running: false }).trend.absent).to.equal(false);
    expect(read({ running: false }, { running: false }).trend.absent).to.equal(true);
  });
});
