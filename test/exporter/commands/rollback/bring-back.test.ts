import { expect } from 'chai';
import type { PlatformError } from '../../../../contracts/errors.ts';
import { exportTables, type ExportedTables } from './exported-tables.ts';

/** Tables with every difficulty of a reverse sync. */
const SCHEMA = `
CREATE TABLE people (id integer PRIMARY KEY);
INSERT INTO people SELECT generate_series(1, 3);
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TABLE boxes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, weight numeric, bulky boolean GENERATED ALWAYS AS (weight > 10) STORED,
  packed timestamptz, raw bytea, extra jsonb, mood mood, tags text[], keeper integer REFERENCES people, top bigint);
CREATE TABLE labels (box bigint REFERENCES boxes ON DELETE CASCADE, no serial, text text NOT NULL, PRIMARY KEY (box, no));
ALTER TABLE boxes ADD FOREIGN KEY (top) REFERENCES boxes;
CREATE TABLE notes (line text, at date);
CREATE TABLE days (day date, n integer) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE counts (what text PRIMARY KEY, n integer NOT NULL);
INSERT INTO counts VALUES ('boxes', 0), ('always', 0);
CREATE FUNCTION count_box() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE public.counts SET n = n + 1 WHERE what = TG_ARGV[0]; RETURN NULL; END $$;
CREATE TRIGGER count_box AFTER INSERT OR DELETE ON boxes FOR EACH ROW EXECUTE FUNCTION count_box('boxes');
CREATE TRIGGER count_always AFTER INSERT OR DELETE ON boxes FOR EACH ROW EXECUTE FUNCTION count_box('always');
ALTER TABLE boxes ENABLE ALWAYS TRIGGER count_always;
INSERT INTO boxes (code, weight, packed, raw, extra, mood, tags, keeper)
  SELECT 'B' || n, n / 2.0, '2026-01-01 10:00:00.123456+00', '\\x00ff', '{"a": [1, null]}', 'low', ARRAY['x', NULL], 1 + n % 3 FROM generate_series(1, 40) n;
INSERT INTO labels (box, text) SELECT id, 'label of ' || code FROM boxes;
INSERT INTO notes SELECT 'same', '2026-01-01' FROM generate_series(1, 3);
INSERT INTO notes VALUES ('other', NULL);
INSERT INTO days SELECT '2026-01-01'::date + n, n FROM generate_series(0, 50) n;`;
const TABLES = ['boxes', 'labels', 'notes', 'days', 'counts'];

async function refusal(work: Promise<unknown>): Promise<PlatformError> {
  return work.then(
    () => Promise.reject(new Error('was not refused')),
    (error: unknown) => error as PlatformError,
  );
}

describe('the reverse sync of rows written since the switch', function () {
  let tables: ExportedTables;
  beforeEach(async () => {
    tables = await exportTables(SCHEMA, TABLES);
  });
  afterEach(() => tables.close());

  it('syncs back added, changed and removed rows of every kind of table', async () => {
    await tables.inService(`
      UPDATE boxes SET code = 'x' WHERE code = 'B1'; UPDATE boxes SET code = 'B1' WHERE code = 'B2'; UPDATE boxes SET code = 'B2' WHERE code = 'x'`);
    await tables.inService(`
      INSERT INTO boxes (code, weight, packed, raw, mood) VALUES ('new', 10.50, '2026-11-23 08:00:00.000001+00', '\\xdeadbeef', 'high');
      UPDATE boxes SET weight = 20.0, top = (SELECT id FROM boxes WHERE code = 'new') WHERE code = 'B3';
      UPDATE boxes SET weight = 3.000 WHERE code = 'B6';
      DELETE FROM boxes WHERE code IN ('B4', 'B5'); -- cascades to their labels
      DELETE FROM boxes WHERE code = 'B7'; INSERT INTO boxes (id, code) OVERRIDING SYSTEM VALUE VALUES (7, 'B7 again');
      DELETE FROM notes WHERE ctid = (SELECT min(ctid) FROM notes WHERE line = 'same');
      INSERT INTO notes VALUES ('other', NULL), ('', '2026-05-05');
      UPDATE days SET day = '2026-02-20' WHERE n = 3;
      DELETE FROM days WHERE n = 4`);
    const writes = await tables.read();
    const numbers = Object.fromEntries(
      writes.tables.map(({ name, added, changed, removed }) => [name, [added, changed, removed]]),
    );
    expect(numbers).to.deep.equal({
      'public.boxes': [1, 5, 2],
      'public.labels': [0, 0, 3],
      'public.notes': [2, 0, 1],
      'public.days_1': [0, 0, 2],
      'public.days_2': [1, 0, 0],
      'public.counts': [0, 2, 0],
    });
    expect(writes.conflicts).to.deep.equal([]);
    expect(writes.tables.find((table) => table.name === 'public.notes')?.examples).to.include(
      'added ("",2026-05-05)',
    );
    const [untouched] = await tables.both();
    await tables.bringBack();
    const [source, service] = await tables.both();
    expect(source).to.equal(service);
    expect(source).not.to.equal(untouched);
    expect(source).to.contain('2026-11-23 08:00:00.000001');
    // Sequences continue from the service's values; triggers and the fence are unchanged
    await tables.inSource(`SET session_replication_role = replica; INSERT INTO boxes (code) VALUES ('next'); SET session_replication_role = origin;
      DO $$ BEGIN
        IF (SELECT id FROM boxes WHERE code = 'next') <> 42 THEN RAISE 'the sequence has a wrong value'; END IF;
        IF (SELECT tgenabled FROM pg_trigger WHERE tgname = 'count_always') <> 'A' THEN RAISE 'the trigger has changed'; END IF;
      END $$`);
    expect(String(await refusal(tables.inSource(`INSERT INTO boxes (code) VALUES ('refused')`)))).to.contain(
      'moved-api',
    );
  });

  it('syncs back a second time without effect, and changes nothing when no row was written', async () => {
    expect(await tables.read()).to.deep.equal({ tables: [], sequences: [], sourceOnly: [], conflicts: [] });
    await tables.inService(`INSERT INTO notes VALUES ('once', NULL)`);
    await tables.bringBack();
    const before = await tables.both();
    expect((await tables.bringBack()).tables).to.deep.equal([]);
    expect(await tables.both()).to.deep.equal(before);
  });

  it('rolls back when the lock is lost before the commit', async () => {
    await tables.inService(`DELETE FROM notes`);
    const [before] = await tables.both();
    const error = await refusal(tables.bringBack(() => Promise.reject(new Error('the lock is gone'))));
    expect(error.message).to.equal('the lock is gone');
    expect((await tables.both())[0]).to.equal(before);
    expect((await tables.read()).tables.map((table) => table.removed)).to.deep.equal([4]);
  });

  it('refuses to sync a table that was changed in the source, too, and moves no row', async () => {
    await tables.inSource(
      `SET session_replication_role = replica; UPDATE notes SET line = 'by hand' WHERE line = 'other'; SET session_replication_role = origin`,
    );
    expect((await tables.read()).sourceOnly, 'a change in the source alone loses nothing').to.deep.equal([
      'public.notes',
    ]);
    await tables.inService(
      `INSERT INTO notes VALUES ('by the service', NULL); INSERT INTO counts VALUES ('fine', 1)`,
    );
    const [before] = await tables.both();
    const error = await refusal(tables.bringBack());
    expect(error.code).to.equal('bring-back-refused');
    expect(error.errors.map((one) => one.pointer)).to.deep.equal(['public.notes']);
    expect(error.message).to.contain('removed ("by hand",)').and.to.contain('added ("by the service",)');
    expect((await tables.both())[0]).to.equal(before);
  });

  it('refuses tables whose structure has changed, naming each difference', async () => {
    await tables.inService(
      `ALTER TABLE boxes ADD colour text; ALTER TABLE notes ALTER at TYPE timestamp; CREATE TABLE extras AS SELECT 1 AS x; CREATE TABLE unused (x int)`,
    );
    const error = await refusal(tables.bringBack());
    expect(error.message.split('\n')).to.deep.equal([
      'public.boxes: column colour exists in the service only',
      'public.notes: column at is timestamp without time zone in the service, date in the source',
      'public.extras: the service created this table; the source has no table for its 1 rows',
    ]);
  });

  it('refuses rows that would break a foreign key of the source', async () => {
    await tables.inService(`UPDATE boxes SET keeper = 99 WHERE id = 1`);
    const [before] = await tables.both();
    const error = await refusal(tables.bringBack());
    expect(error.message).to.match(
      /^public\.boxes: 1 rows would violate \w+, because public\.people lacks the rows that they reference/,
    );
    expect((await tables.both())[0]).to.equal(before);
  });

  it('refuses rows that the source rejects, with the reason', async () => {
    await tables.inService(`ALTER TYPE mood ADD VALUE 'odd'`);
    await tables.inService(`UPDATE boxes SET mood = 'odd' WHERE id = 1`);
    const [before] = await tables.both();
    const error = await refusal(tables.bringBack());
    expect(error.code).to.equal('bring-back-refused');
    expect(error.message).to.contain('"odd"');
    expect((await tables.both())[0]).to.equal(before);
  });
});
