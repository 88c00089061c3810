import { expect } from 'chai';
import pg from 'pg';
import { testCluster } from '../support/postgres.ts';
import { asRole, extractAll, newPair } from './support/extract.ts';
import { query } from './support/server.ts';

const SETTINGS = {
  array_nulls: 'off',
  backslash_quote: 'off',
  bytea_output: 'escape',
  client_encoding: 'LATIN1',
  datestyle: 'German',
  default_transaction_deferrable: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  extra_float_digits: '-15',
  idle_in_transaction_session_timeout: '200ms',
  idle_session_timeout: '200ms',
  intervalstyle: 'iso_8601',
  lock_timeout: '1ms',
  quote_all_identifiers: 'on',
  search_path: 'elsewhere, public',
  session_replication_role: 'replica',
  standard_conforming_strings: 'off',
  timezone: 'Asia/Tokyo',
  transaction_timeout: '300ms',
  transform_null_equals: 'on',
  xmlbinary: 'hex',
  xmloption: 'document',
};

describe('settings of the connecting role', () => {
  const role = `settings_${process.pid}`;
  before(async () => {
    const { adminUrl } = await testCluster();
    await query(adminUrl, `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${role}'`);
    for (const [name, value] of Object.entries(SETTINGS))
      await query(
        adminUrl,
        `ALTER ROLE ${role} SET ${name} = ${name === 'search_path' ? value : pg.escapeLiteral(value)}`,
      );
  });
  after(async () => {
    const { adminUrl } = await testCluster();
    await query(adminUrl, `DROP ROLE ${role}`);
  });

  it('settings of the connecting role change neither the run nor the result', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY, a text[] DEFAULT '{NULL,"NULL",x}', d date DEFAULT '2026-02-03', f float8 DEFAULT 0.1, b bytea DEFAULT '\\x00ff',
         i interval DEFAULT '1 day 2 hours', z timestamptz DEFAULT '2026-02-03 04:05:06+00', x xml DEFAULT '<a/>text', "select" text DEFAULT E'a\\\\b', n int CHECK (n IS NULL OR n = 1));
       CREATE VIEW v AS SELECT id, '{NULL,1}'::int[] AS list, a = NULL AS never FROM t;
       INSERT INTO t (id, n) SELECT i, 1 FROM generate_series(1, 100000) i`,
    );
    const { source, target } = { source: asRole(pair.source, role), target: asRole(pair.target, role) };
    await extractAll({ source, target }, 'public.t');
    const insert = 'INSERT INTO t (id) VALUES (0) RETURNING *, xmin::text <> $$0$$ AS "written"';
    expect(await query(pair.target, insert)).to.deep.equal(await query(pair.source, insert));
    const view = `SELECT list, never, (SELECT count(*) FROM t) AS rows FROM v WHERE id = 5`;
    expect(await query(pair.target, view)).to.deep.equal(await query(pair.source, view));
    await query((await testCluster()).adminUrl, `DROP DATABASE "${new URL(target).pathname.slice(1)}"`);
  });
});
