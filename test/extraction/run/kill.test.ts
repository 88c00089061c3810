import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

const program = fileURLToPath(new URL('../support/extract-process.ts', import.meta.url));
/** Each round is a copy that is killed at a random moment and carried on: about four seconds. */
const ROUNDS = Number(process.env['EXTRACT_KILL_ROUNDS'] ?? '5');

const SOURCE = `
CREATE TYPE state AS ENUM ('new', 'done');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s state DEFAULT 'new', v text);
CREATE TABLE b (id serial PRIMARY KEY, a_id int REFERENCES a, v text UNIQUE);
CREATE TABLE c (id int, v text) PARTITION BY HASH (id);
CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE c1 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW ab AS SELECT a.id, b.v FROM a JOIN b ON b.a_id = a.id;
INSERT INTO a (v) SELECT repeat(md5(i::text), 8) FROM generate_series(1, 40000) i;
INSERT INTO b (a_id, v) SELECT i, 'v' || i FROM generate_series(1, 40000) i;
INSERT INTO c SELECT i, md5(i::text) FROM generate_series(1, 40000) i;
CREATE INDEX ON a (v); CREATE INDEX ON c (v);`;

const objects = (url: string): Promise<unknown[]> =>
  query(
    url,
    `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_|^information_schema$'
     UNION ALL SELECT nspname FROM pg_namespace WHERE nspname ~ '^platform'
     UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
  );

/** Backends of a killed client end within a second or two; nothing of them may stay. */
async function expectNoBackends(url: string): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const left = await query(
      url,
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'gulp extract' AND datname = current_database()`,
    );
    if (left.length === 0) return;
    await sleep(100);
  }
  expect.fail('a backend of a killed extraction is still there');
}

describe('an extraction that is killed', function () {
  this.timeout(120_000 + ROUNDS * 20_000);
  let source: string;
  before(async () => {
    source = await createDatabase();
    await query(source, SOURCE);
  });

  it(`is carried on by the next one, ${ROUNDS} times at any moment, and ends exact`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const target = await createDatabase();
      const args = [`--source=${source}`, `--target=${target}`, '--tables=a,b,c', '--jobs=2'];
      const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // 400 ms is the start of the process; the whole run takes about two seconds
      await Promise.race([sleep(500 + Math.random() * 1800), ended]);
      child.kill('SIGKILL');
      await ended;
      const before = await objects(target);
      const marked = before.some((row) => (row as { name: string }).name === 'platform_extract');
      if (!marked && before.length > 0) continue; // it had ended before the shot
      const report = await runExtract(args);
      expect(report.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
      const { resumed, tables } = report.result as {
        resumed: boolean;
        tables: { name: string; rows: number }[];
      };
      expect(resumed).to.equal(marked);
      expect(tables.map((table) => table.rows)).to.deep.equal([40_000, 40_000, 40_000]);
      expect(
        await query(target, `SELECT nspname FROM pg_namespace WHERE nspname ~ '^platform'`),
      ).to.deep.equal([]);
      expect(await query(target, 'SELECT count(*)::int AS n FROM ab')).to.deep.equal([{ n: 40_000 }]);
      await expectNoBackends(target);
      await expectNoBackends(source);
    }
  });

  it('starts anew, and never calls old rows new, when the source has changed meanwhile', async () => {
    const target = await createDatabase();
    const args = [`--source=${source}`, `--target=${target}`, '--tables=a,b,c', '--jobs=2'];
    const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let done = 0;
    while (done === 0 && child.exitCode === null) {
      await sleep(5);
      const marked = await query(
        target,
        `SELECT 1 FROM pg_tables WHERE schemaname = 'platform_extract' AND tablename = 'done'`,
      );
      if (marked.length > 0)
        done = (await query(target, 'SELECT 1 FROM platform_extract.done').catch(() => [])).length;
    }
    child.kill('SIGKILL');
    await ended;
    await query(
      source,
      `UPDATE a SET v = 'changed' WHERE id % 100 = 0; UPDATE b SET v = v || 'x' WHERE id = 7; DELETE FROM c WHERE id = 5`,
    );
    const report = await runExtract(args);
    expect(report.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
    expect(await query(target, `SELECT count(*)::int AS n FROM a WHERE v = 'changed'`)).to.deep.equal([
      { n: 400 },
    ]);
    expect(await query(target, `SELECT v FROM b WHERE id = 7`)).to.deep.equal([{ v: 'v7x' }]);
    expect(await query(target, 'SELECT count(*)::int AS n FROM c')).to.deep.equal([{ n: 39_999 }]);
  });
});
