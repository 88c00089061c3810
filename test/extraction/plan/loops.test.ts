import { expect } from 'chai';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

interface Circle {
  readonly title: string;
  readonly sql: string;
  readonly names: readonly string[];
}

const CIRCLES: readonly Circle[] = [
  {
    title: 'two functions with bodies of BEGIN ATOMIC',
    sql: `CREATE FUNCTION one(n int) RETURNS int LANGUAGE sql RETURN n;
      CREATE FUNCTION two(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT one(n - 1); END;
      CREATE OR REPLACE FUNCTION one(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN n < 1 THEN 0 ELSE two(n - 1) END; END;
      ALTER TABLE kept ADD CHECK (one(id) >= 0)`,
    names: ['public.one(n integer)', 'public.two(n integer)'],
  },
  {
    title: 'a materialized view and a function with a body of BEGIN ATOMIC',
    sql: `CREATE FUNCTION seen() RETURNS bigint LANGUAGE sql RETURN 1;
      CREATE MATERIALIZED VIEW summary AS SELECT id, seen() AS seen FROM kept;
      CREATE OR REPLACE FUNCTION seen() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM summary; END`,
    names: ['public.seen()', 'public.summary'],
  },
];

describe('a circle that no order of statements makes', function () {
  for (const { title, sql, names } of CIRCLES)
    it(`of ${title} is refused by name, and nothing is made`, async () => {
      const source = await createDatabase();
      await query(source, `CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (0); ${sql}`);
      const target = await createDatabase();
      const report = await runExtract([`--source=${source}`, `--target=${target}`, '--tables=kept']);
      expect(report.exitCode).to.equal(3);
      const refused = report.findings.filter((item) => item.severity === 'error');
      expect(refused.map((item) => [item.code, item.object])).to.deep.equal([['dependency-loop', names[0]]]);
      for (const name of names) expect(refused[0]?.message).to.include(name);
      expect(refused[0]?.remedy).to.include('instead of BEGIN ATOMIC');
      expect(
        await query(
          target,
          `SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace UNION ALL SELECT oid FROM pg_namespace WHERE nspname ~ '^platform'`,
        ),
      ).to.deep.equal([]);
    });

  it('is none once a body is a string, as the remedy says', async () => {
    const source = await createDatabase();
    await query(
      source,
      `CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (0); ${CIRCLES[0]?.sql ?? ''}`,
    );
    await query(
      source,
      `CREATE OR REPLACE FUNCTION two(n int) RETURNS int LANGUAGE sql AS 'SELECT public.one(n - 1)'`,
    );
    const report = await runExtract([
      `--source=${source}`,
      `--target=${await createDatabase()}`,
      '--tables=kept',
    ]);
    expect(report.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
    expect(report.exitCode).to.equal(0);
  });
});
