import { expect } from 'chai';
import pg from 'pg';
import { checksumTable } from '../../../extraction/run/checksum.ts';
import { findDifferences } from '../../../extraction/run/differences.ts';
import { openSession, type Session } from '../../../extraction/run/session.ts';
import type { TableCopy } from '../../../extraction/plan/plan.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

const COLUMNS = ['id', 'a', 'b', 't', 'u', 'f', 'n', 'ts', 'j'];
const TABLE: TableCopy = {
  name: 'public.sample',
  into: 'public.sample',
  columns: COLUMNS,
  compared: COLUMNS,
  key: ['id'],
  format: 'binary',
  rows: 24,
  bytes: 0,
  pages: 1,
  largeObjects: [],
};

const MAKE = `CREATE TABLE sample (id int, a int, b int, t text, u text, f float8, n numeric, ts timestamptz, j json);
INSERT INTO sample SELECT i, i % 3, (i + 1) % 3, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'x' || i END, 'y' || i, i / 3.0, i / 7.0, timestamptz '2024-01-01' + i * interval '1.000001 s', '{"k": 1}' FROM generate_series(1, 24) i`;

/** One small wrong at a random place, as SQL. `$` stands for the row. */
const CORRUPTIONS = [
  'UPDATE sample SET a = a + 1 WHERE id = $',
  'UPDATE sample SET a = b, b = a WHERE id = $ AND a <> b',
  'UPDATE sample SET t = u, u = t WHERE id = $',
  `UPDATE sample SET t = CASE WHEN t = '' THEN NULL ELSE coalesce(nullif(t, ''), '') || CASE WHEN t IS NULL THEN '' ELSE 'z' END END WHERE id = $`,
  'UPDATE sample SET f = f + 1e-14 * greatest(1, abs(f)) WHERE id = $',
  `UPDATE sample SET n = n + 0.00000000000000000001 WHERE id = $`,
  `UPDATE sample SET n = (n::text || '0')::numeric WHERE id = $`,
  `UPDATE sample SET ts = ts + interval '1 microsecond' WHERE id = $`,
  `UPDATE sample SET j = '{"k":  1}' WHERE id = $`,
  'INSERT INTO sample SELECT * FROM sample WHERE id = $',
  'DELETE FROM sample WHERE id = $',
  `UPDATE sample SET u = u || ' ' WHERE id = $`,
  'UPDATE sample s SET u = o.u FROM sample o WHERE s.id = $ AND o.id = $ % 24 + 1',
  // what one row loses the other gets: a sum over columns sees none of these
  'UPDATE sample s SET u = o.u FROM sample o WHERE (s.id, o.id) IN (($, $ % 24 + 1), ($ % 24 + 1, $))',
  'UPDATE sample s SET ts = o.ts, n = o.n FROM sample o WHERE (s.id, o.id) IN (($, $ % 24 + 1), ($ % 24 + 1, $))',
  'UPDATE sample SET n = -n WHERE id = $',
  // two wrongs that a sum over columns would not see
  'UPDATE sample SET a = a + CASE WHEN id = $ THEN 1 ELSE -1 END WHERE id IN ($, $ % 24 + 1)',
];

describe('verification', function () {
  let url: string;
  let session: Session;
  before(async () => {
    url = await createDatabase();
    await query(url, MAKE);
    session = await openSession({ url });
    await session.query('SET search_path = public');
  });
  after(() => session.end());

  it('catches 10,000 random corruptions, each of them', async () => {
    const whole = await checksumTable(session, TABLE);
    const missed: string[] = [];
    let tried = 0;
    while (tried < 10_000) {
      const sql = CORRUPTIONS[tried % CORRUPTIONS.length]!.replaceAll(
        '$',
        String(1 + Math.floor(Math.random() * 24)),
      );
      // one round trip: 10,000 of them add up
      const results = (await session.query(`ROLLBACK; BEGIN; ${sql}`)) as unknown as { rowCount: number }[];
      const now = await checksumTable(session, TABLE);
      tried++;
      if (results.at(-1)!.rowCount !== 0 && now.digest === whole.digest && now.rows === whole.rows)
        missed.push(sql);
    }
    await session.query('ROLLBACK');
    expect(missed).to.deep.equal([]);
    expect(await checksumTable(session, TABLE)).to.deep.equal(whole);
  });

  it('does not mind the order in which rows lie', async () => {
    const other = await createDatabase();
    await query(other, MAKE.replace('generate_series(1, 24) i', 'generate_series(24, 1, -1) i'));
    const there = await openSession({ url: other });
    expect(await checksumTable(there, TABLE)).to.deep.equal(await checksumTable(session, TABLE));
    await there.end();
  });

  it('names the first differing rows, with and without a key', async () => {
    const other = await createDatabase();
    await query(
      other,
      `${MAKE}; DELETE FROM sample WHERE id = 3; UPDATE sample SET u = 'wrong' WHERE id = 20; INSERT INTO sample (id) VALUES (99)`,
    );
    const there = await openSession({ url: other });
    const found = await findDifferences(session, there, TABLE);
    expect(found.map(({ kind, key }) => [kind, key])).to.deep.equal([
      ['changed', '(20)'],
      ['missing', '(3)'],
      ['surplus', '(99)'],
    ]);
    const unkeyed = await findDifferences(session, there, { ...TABLE, key: [] });
    expect(unkeyed.map(({ kind }) => kind).sort()).to.deep.equal([
      'missing',
      'missing',
      'surplus',
      'surplus',
    ]);
    // both connections can be used again
    expect((await there.query('SELECT 1 AS one')).rows).to.have.length(1);
    await there.end();
  });

  it('fails on a table whose text depends on settings only when rows differ', async () => {
    await query(
      url,
      `ALTER DATABASE ${pg.escapeIdentifier(new URL(url).pathname.slice(1))} SET datestyle = 'German'`,
    );
    const fresh = await openSession({ url });
    expect(await checksumTable(fresh, TABLE)).to.deep.equal(await checksumTable(session, TABLE));
    await fresh.end();
  });
});
