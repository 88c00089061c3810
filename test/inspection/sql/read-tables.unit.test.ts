import { expect } from 'chai';
import { loadSqlParser } from '../../../contracts/sql-parser.ts';
import { readTables } from '../../../inspection/sql/read-tables.ts';

/** Statement, and the tables it uses. */
const STATEMENTS: Readonly<Record<string, readonly string[]>> = {
  'SELECT * FROM a JOIN s.b USING (id) WHERE id IN (SELECT id FROM "C")': ['a', 's.b', 'C'],
  'INSERT INTO a SELECT * FROM b RETURNING id': ['a', 'b'],
  'UPDATE a SET x = b.x FROM b WHERE b.id = a.id': ['a', 'b'],
  'DELETE FROM a USING b WHERE a.id = b.id': ['a', 'b'],
  'DROP TABLE a, s.b': ['a', 's.b'],
  'TABLE a': ['a'],
  // A CTE hides a table only in its scope, and never the target of a write
  'WITH b AS (SELECT * FROM a) SELECT * FROM b': ['a'],
  'WITH b AS (SELECT * FROM b) SELECT * FROM b': ['b'],
  'WITH RECURSIVE b AS (SELECT 1 UNION SELECT * FROM b) SELECT * FROM b': [],
  'WITH b AS (SELECT 1) INSERT INTO b SELECT * FROM b': ['b'],
  'SELECT x FROM a ORDER BY x FOR UPDATE OF a': ['a'],
  "SELECT 'a'::regclass": ['a'],
  'DO $$ BEGIN PERFORM 1 FROM a; END $$': ['a'],
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT count(*) FROM a $$': ['a'],
  'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM a); END $$': [
    'a',
  ],
};

describe('reading the tables of SQL', () => {
  before(() => loadSqlParser());

  for (const [sql, expected] of Object.entries(STATEMENTS))
    it(`finds ${expected.join(', ') || 'no table'} in: ${sql}`, () => {
      const found = readTables(sql).map(({ schema, name }) => (schema === null ? name : `${schema}.${name}`));
      expect([...new Set(found)].sort()).to.deep.equal([...expected].sort());
    });

  it('marks a table as temporary when the statement creates it for its session', () => {
    expect(readTables('CREATE TEMP TABLE t (id int)')).to.deep.equal([
      { schema: null, name: 't', temporary: true },
    ]);
  });

  it('throws when the text is not SQL', () => {
    expect(() => readTables('select an item from the list of')).to.throw();
  });
});
