import { expect } from 'chai';
import { extract, extractAll, findingsOf, newPair } from './support/extract.ts';
import { query } from './support/server.ts';

const ASCII = `ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`;
const LATIN1 = `ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`;
const EUC_TW = `ENCODING 'EUC_TW' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`;

/** Executes a statement whose literal holds any bytes, written as \x escapes. */
const run = (sql: string): string => `DO $do$ BEGIN EXECUTE E'${sql.replaceAll("'", "''")}'; END $do$;`;

const BYTES = `SELECT id, encode(convert_to(v, getdatabaseencoding()), 'hex') AS bytes FROM t ORDER BY id`;

describe('encodings', () => {
  it('copies the bytes of rows of a SQL_ASCII database unchanged', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY, v text, r regtype); CREATE INDEX ON t (v); CREATE TABLE other (id int);
       ${run(String.raw`INSERT INTO t VALUES (1, '\xff\xfe caf\xe9', 'int'), (2, 'caf\xc3\xa9', NULL)`)} ${run(String.raw`COMMENT ON TABLE other IS 'caf\xe9'`)}`,
      ASCII,
    );
    await extractAll(pair, 't');
    expect(await query(pair.target, BYTES)).to.deep.equal([
      { id: 1, bytes: 'fffe20636166e9' },
      { id: 2, bytes: '636166c3a9' },
    ]);
  });

  it('refuses definitions of a SQL_ASCII database that hold bytes which are not UTF-8', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY, v text); ${run(String.raw`ALTER TABLE t ALTER v SET DEFAULT 'caf\xe9'`)} ${run(String.raw`COMMENT ON COLUMN t.v IS '\xff'`)}`,
      ASCII,
    );
    const report = await extract(pair, 't');
    expect([report.exitCode, findingsOf(report)]).to.deep.equal([
      3,
      ['error text-unreadable DEFAULT public.t.v', 'error text-unreadable COMMENT COLUMN public.t.v'],
    ]);
  });

  it('copies text of another encoding, also in names, defaults and comments', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'café'); CREATE TABLE "naïve" (id int, v text); COMMENT ON TABLE t IS 'café';
       INSERT INTO t VALUES (1, 'naïve'); INSERT INTO "naïve" VALUES (1, 'é')`,
      LATIN1,
    );
    await extractAll(pair, 't,"naïve"');
    await query(pair.target, 'INSERT INTO t (id) VALUES (2)');
    expect(await query(pair.target, BYTES)).to.deep.equal([
      { id: 1, bytes: '6e61ef7665' },
      { id: 2, bytes: '636166e9' },
    ]);
    expect(await query(pair.target, 'SELECT v FROM "naïve"')).to.deep.equal([{ v: 'é' }]);
  });

  it('copies characters that have no equivalent in Unicode', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, convert_from('\\x8ea7fefe', 'EUC_TW'))`,
      EUC_TW,
    );
    await extractAll(pair, 't');
    expect(await query(pair.target, BYTES)).to.deep.equal([{ id: 1, bytes: '8ea7fefe' }]);
  });
});
