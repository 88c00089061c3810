import { expect } from 'chai';
import type { Finding } from '../../../../contracts/plan.ts';
import {
  publisherLimits,
  subscriberLimits,
  type Server,
} from '../../../../extraction/live/follow/follow-limits.ts';
import { limitOf } from '../../../../extraction/live/limits.ts';

const server = (facts: Partial<Server> = {}): Server => ({
  user: 'mover',
  superuser: false,
  replication: true,
  subscriber: true,
  creator: true,
  standby: false,
  major: 17,
  walLevel: 'logical',
  slots: 1,
  senders: 1,
  workers: 1,
  origins: 1,
  ...facts,
});
const limit = limitOf('extract without --follow');
const textsOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ message, remedy }) => `${message} ${remedy}`);
const sending = (facts: Partial<Server>): string[] =>
  textsOf(publisherLimits('source', server(facts), false, limit));
const receiving = (facts: Partial<Server>, missing = false): string[] =>
  textsOf(subscriberLimits('target', server(facts), missing, limit));

describe('the limits of servers that follow each other', () => {
  it('are none for users with exactly the rights that PostgreSQL needs', () => {
    expect([...sending({}), ...receiving({})]).to.deep.equal([]);
    expect(sending({ replication: false, superuser: true })).to.deep.equal([]);
  });

  it('name each setting of the sending server, with the way out', () => {
    expect(sending({ walLevel: 'replica', slots: 0, senders: 0, standby: true })).to.deep.equal([
      "The source's server is a standby. Use the address of its primary, or extract without --follow",
      "wal_level of the source's server is replica. Run there ALTER SYSTEM SET wal_level = logical, and restart PostgreSQL, or extract without --follow",
      "No replication slot of the source's server is free. Raise max_replication_slots, or extract without --follow",
      "No WAL sender of the source's server is free. Raise max_wal_senders, or extract without --follow",
    ]);
  });

  it('name the limit on origins by the setting of the major', () => {
    expect(receiving({ origins: 0 })[0]).to.include('Raise max_replication_slots');
    expect(receiving({ origins: 0, major: 18 })[0]).to.include('Raise max_active_replication_origins');
    expect(receiving({ workers: 0 })[0]).to.include('Raise max_logical_replication_workers');
  });

  it('ask for a superuser before PostgreSQL 16, and for a role from then on', () => {
    expect(receiving({ subscriber: false, major: 15 })[0]).to.include(
      'before PostgreSQL 16. Use a superuser there',
    );
    expect(receiving({ subscriber: false, major: 16 })[0]).to.include(
      'GRANT pg_create_subscription TO mover',
    );
  });

  it('ask for no privilege on a database that the user is going to create', () => {
    expect(receiving({ creator: false })).to.have.length(1);
    expect(receiving({ creator: false }, true)).to.deep.equal([]);
  });
});
