import { expect } from 'chai';
import { judgeReturn, type ReturnReading, type ReturnTrend } from '../../contracts/return-stream.ts';

const healthy: ReturnReading = {
  toolId: 'parts',
  name: 'parts_db_back',
  database: 'parts_db',
  subscribed: true,
  enabled: true,
  running: true,
  slot: 'reserved',
  written: 5_000,
  applied: 5_000,
  errors: 0,
};
const steady: ReturnTrend = { lagSeconds: 0, failing: false, absent: false };
const judge = (reading: Partial<ReturnReading>, trend: Partial<ReturnTrend> = {}) =>
  judgeReturn({ ...healthy, ...reading }, { ...steady, ...trend });

describe('the way back of a live export', () => {
  it('follows while the monolith lacks only the writes of a moment', () => {
    expect(judge({ written: 9_000 })).to.include({ state: 'following', remedy: null, lagBytes: 4_000 });
  });

  it('follows again after a failed change was applied in the end', () => {
    expect(judge({ errors: 7 }).state).to.equal('following');
  });

  it('is behind by bytes or by seconds, and names how to see what its worker waits for', () => {
    const bytes = judge({ written: 30_005_000 }, { lagSeconds: 41.6 });
    expect(bytes).to.include({ state: 'behind', text: 'behind by 30.0 MB (42 s) on its way back' });
    expect(bytes.remedy).to.contain('pg_blocking_pids');
    expect(judge({ written: 6_000 }, { lagSeconds: 31 }).state).to.equal('behind');
  });

  it('warns before PostgreSQL drops the changes that a stream lacks', () => {
    const { state, text, remedy } = judge({ slot: 'unreserved', written: 6_000 });
    expect(state).to.equal('behind');
    expect(text).to.contain('about to drop');
    expect(remedy).to.contain('max_slot_wal_keep_size');
  });

  const BROKEN: readonly [string, Partial<ReturnReading>, Partial<ReturnTrend>, string, string][] = [
    ['a lost slot', { slot: 'lost' }, {}, 'has lost changes', '--tool-id=parts --discard-writes'],
    ['a dropped slot', { slot: 'missing' }, {}, 'slot parts_db_back is gone', '--discard-writes'],
    [
      'a dropped subscription',
      { subscribed: false, running: false },
      {},
      'subscription parts_db_back is gone',
      'A rollback creates it again',
    ],
    [
      'a disabled subscription',
      { enabled: false, running: false },
      {},
      'is disabled',
      'ALTER SUBSCRIPTION "parts_db_back" ENABLE',
    ],
    [
      'a change that fails again and again',
      { errors: 3 },
      { failing: true },
      '3 failed attempts',
      'npx gulp doctor',
    ],
    [
      'a change that fails between two starts of the worker',
      { errors: 1, running: false },
      { absent: true },
      '1 failed attempt)',
      'npx gulp doctor',
    ],
    [
      'a worker that does not start',
      { running: false },
      { absent: true },
      'no worker',
      'max_logical_replication_workers',
    ],
  ];
  for (const [what, reading, trend, reason, remedy] of BROKEN)
    it(`is broken by ${what}, with the reason and the remedy`, () => {
      const judged = judge(reading, trend);
      expect(judged.state).to.equal('broken');
      expect(judged.text)
        .to.match(/^way back broken: /)
        .and.contain(reason);
      expect(judged.remedy).to.contain(remedy);
    });

  it('is not broken by a worker that is absent in one reading alone', () => {
    expect(judge({ running: false }).state).to.equal('following');
  });

  it('has no lag in bytes where the positions are unknown', () => {
    expect(judge({ slot: 'elsewhere', written: null, applied: null }, { lagSeconds: null })).to.include({
      state: 'following',
      lagBytes: null,
      lagSeconds: null,
    });
  });
});
