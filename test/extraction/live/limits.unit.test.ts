import { expect } from 'chai';
import { limitOf, serverLimits, type Server } from '../../../extraction/live/limits.ts';

const FIT: Server = {
  walLevel: 'logical',
  superuser: true,
  slots: 2,
  senders: 1,
  workers: 1,
  origins: 1,
  major: 18,
  keptMb: -1,
  sizeMb: 40_000,
};

const remedies = (change: Partial<Server>, ownServer = false): readonly string[] =>
  serverLimits({ ...FIT, ...change }, { ownServer, limit: limitOf(null) }).map(({ remedy }) => remedy);

describe('the limits of the server of a live cut-over', () => {
  it('has none with just what a switch needs', () => {
    expect(remedies({})).to.deep.equal([]);
    expect(remedies({ slots: 1 }, true), 'the slot of the way back is in the container').to.deep.equal([]);
  });

  it('names each setting and right that is missing, with what to do', () => {
    expect(
      remedies({ walLevel: 'replica', superuser: false, slots: 1, senders: 0, workers: 0, origins: 0 }),
    ).to.deep.equal([
      'ALTER SYSTEM SET wal_level = logical, and restart PostgreSQL',
      'Use a superuser in DATABASE_URL',
      'Raise max_replication_slots',
      'Raise max_wal_senders',
      'Raise max_logical_replication_workers and max_worker_processes',
      'Raise max_active_replication_origins',
    ]);
    expect(remedies({ origins: 0, major: 17 })).to.deep.equal(['Raise max_replication_slots']);
  });

  it('refuses a copy whose own WAL would end its slot, which a copy into another server does not write', () => {
    expect(remedies({ keptMb: 39_999 })).to.deep.equal(['Raise max_slot_wal_keep_size']);
    expect(remedies({ keptMb: 40_000 })).to.deep.equal([]);
    expect(remedies({ keptMb: 1 }, true)).to.deep.equal([]);
  });
});
