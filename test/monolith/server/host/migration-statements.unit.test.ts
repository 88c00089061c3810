import { expect } from 'chai';
import {
  createdObjects,
  readMigration,
} from '../../../../monolith/server/host/database/migration-statements.ts';

describe('the statements of a migration', () => {
  const ending: Record<string, number> = {
    'CREATE TABLE a (x int);\n-- ünïcödé\nCOMMIT;\nCREATE TABLE b (x int);': 3,
    'BEGIN;\nCREATE TABLE a (x int);\nEND;': 1,
    'SELECT 1;\n\nROLLBACK': 3,
    'SAVEPOINT s;': 1,
    "PREPARE TRANSACTION 'x'": 1,
  };
  for (const [sql, line] of Object.entries(ending))
    it(`names the line of a statement that divides the transaction: ${JSON.stringify(sql.slice(0, 24))}`, async () => {
      expect((await readMigration(sql)).transactionLine).to.equal(line);
    });

  it('allows the words of transactions in bodies, names and texts', async () => {
    const sql = `CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
      CREATE TABLE "commit" (rollback text DEFAULT 'COMMIT;'); -- ROLLBACK;`;
    expect(await readMigration(sql)).to.deep.equal({ sql, platform: [], transactionLine: null });
  });

  it('replaces statements that the platform runs by spaces, so that lines and positions stay', async () => {
    const sql = `-- é\nCREATE EXTENSION\n  "uuid-ossp" SCHEMA tools;CREATE SCHEMA stock;\nSELECT 'é';`;
    const read = await readMigration(sql);
    expect(read.platform).to.deep.equal([
      { kind: 'create-extension', name: 'uuid-ossp', schema: 'tools', line: 2 },
      { kind: 'create-schema', name: 'stock', schema: '', line: 3 },
    ]);
    expect(read.sql.split('\n').map((line) => line.trim())).to.deep.equal([
      '-- é',
      '',
      ';                   ;',
      `SELECT 'é';`,
    ]);
    expect(read.sql.length).to.equal(sql.length);
  });

  it('leaves statements that it cannot read to PostgreSQL', async () => {
    const sql = 'CREATE TABEL x; COMMIT;';
    expect(await readMigration(sql)).to.deep.equal({ sql, platform: [], transactionLine: null });
  });

  it('finds the objects that statements create, under their last names', async () => {
    const objects = await createdObjects([
      `CREATE TABLE orders (id int); CREATE TEMP TABLE scratch (id int); CREATE TABLE stock.items AS SELECT 1;
       CREATE VIEW open_orders AS SELECT 1; CREATE SEQUENCE numbers; CREATE TYPE state AS ENUM ('a');
       CREATE TYPE stock.pair AS (a int); CREATE DOMAIN email AS text;
       CREATE FUNCTION stock.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SCHEMA stock;`,
      'ALTER TABLE orders RENAME TO purchases; ALTER TABLE foreign_table RENAME TO mine;',
    ]);
    expect(objects.map(({ kind, schema, name }) => `${kind} ${schema}.${name}`)).to.have.members([
      'relation public.purchases',
      'relation stock.items',
      'relation public.open_orders',
      'relation public.numbers',
      'type public.state',
      'type stock.pair',
      'type public.email',
      'routine stock.f',
      'schema .stock',
    ]);
  });
});
