import { expect } from 'chai';
import { parseToolId } from '../../contracts/ids.ts';
import { namesOf } from '../../contracts/naming.ts';
import { readDatabaseFacts } from '../../exporter/steps/database/read-database-facts.ts';
import { readLiveLimits } from '../../extraction/index.ts';
import { createDatabase } from '../support/postgres.ts';
import { query } from './support/server.ts';

const TABLES = `
CREATE TABLE fine (id int PRIMARY KEY);
CREATE TABLE unique_rows (id int NOT NULL UNIQUE);
ALTER TABLE unique_rows REPLICA IDENTITY USING INDEX unique_rows_id_key;
CREATE TABLE keyless (id int);
CREATE TABLE nameless (id int PRIMARY KEY);
ALTER TABLE nameless REPLICA IDENTITY NOTHING;
CREATE UNLOGGED TABLE quick (id int PRIMARY KEY);
CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE watched (id int PRIMARY KEY);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER ordinary BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch();
CREATE TRIGGER everywhere BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch();
ALTER TABLE watched ENABLE ALWAYS TRIGGER everywhere;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE moods (mood mood PRIMARY KEY) PARTITION BY HASH (mood);
CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 1, REMAINDER 0)`;

describe('the limits of a live cut-over', () => {
  let sourceUrl: string;
  before(async () => {
    sourceUrl = await createDatabase();
    await query(sourceUrl, TABLES);
  });

  const limitsOf = async (tables: readonly string[], url = sourceUrl): Promise<readonly string[]> => {
    const names = namesOf(parseToolId('limits'));
    const { extraction } = await readDatabaseFacts({ sourceUrl, tables, names, severIncoming: false });
    return (await readLiveLimits(url, extraction!, { ownServer: false })).map(({ message }) => message);
  };

  it('has none for tables with keys, partitions and ordinary triggers', async () => {
    expect(await limitsOf(['fine', 'unique_rows', 'parts'])).to.deep.equal([]);
  });

  it('names every table whose changes cannot be followed, with the reason', async () => {
    expect(await limitsOf(['keyless', 'nameless', 'quick', 'watched', 'moods'])).to.have.members([
      'public.keyless has no key that identifies a changed row.',
      'public.nameless has no key that identifies a changed row.',
      'public.quick is unlogged: its changes are not replicated.',
      'Triggers of public.watched would fire for replicated rows too: everywhere.',
      'public.moods_1 is a hash partition on an enum, whose rows may belong to another partition.',
    ]);
  });

  it('names an address that the client understands, and the server does not', async () => {
    const url = new URL(sourceUrl);
    url.searchParams.set('max', '10'); // of a pool
    expect(await limitsOf(['fine'], url.href)).to.deep.equal([
      'The server cannot follow itself at the address of this command: invalid connection string syntax: invalid URI query parameter: "max".',
    ]);
    expect(await query(sourceUrl, 'SELECT FROM pg_subscription')).to.deep.equal([]);
  });

  it('names a user who may not create a subscription', async () => {
    await query(sourceUrl, "CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT pg_read_all_data TO reader");
    const url = new URL(sourceUrl);
    url.username = 'reader';
    url.password = 'reader';
    try {
      expect(await limitsOf(['fine'], url.href)).to.deep.equal([
        'The database user is no superuser, which a subscription needs.',
      ]);
    } finally {
      await query(sourceUrl, 'DROP ROLE reader');
    }
  });
});
