import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import pg from 'pg';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

const program = fileURLToPath(new URL('../support/extract-process.ts', import.meta.url));
/** Each round kills one copy at another point of its ledger and continues it: about four seconds. */
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

/** The source's ledger entries: rows of 4 tables, 2 sequences, 6 indexes, 4 constraints; then come the last statements. */
const ENTRIES = 16;

/** Entries of the target's ledger; -1 before the ledger exists. */
async function countEntries(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('platform_extract.done') IS NOT NULL AS exists`,
  );
  if (rows[0]?.exists !== true) return -1;
  const counted = await client
    .query<{ count: number }>('SELECT count(*)::int AS count FROM platform_extract.done')
    .catch(() => null);
  return counted?.rows[0]?.count ?? -1;
}

/** Runs an extraction and kills it as soon as its ledger has `entries` entries. Fails when the extraction ends first. */
async function killAt(entries: number, target: string, args: readonly string[]): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const client = new pg.Client({ connectionString: target });
  await client.connect();
  try {
    while ((await countEntries(client)) < entries && child.exitCode === null) await sleep(2);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await client.end();
  }
  expect(child.signalCode, `killed at ${entries} ledger entries`).to.equal('SIGKILL');
  expect(await objects(target), `ledger after the kill at ${entries} entries`).to.deep.include({
    name: 'platform_extract',
  });
}

/** Runs an extraction and kills it while it waits to create its ledger. */
async function killBeforeLedger(target: string, args: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: target });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE pg_namespace IN SHARE MODE');
  const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const waiting = `SELECT 1 FROM pg_stat_activity
     WHERE application_name = 'gulp extract' AND datname = current_database() AND wait_event_type = 'Lock'`;
  try {
    while ((await query(target, waiting)).length === 0 && child.exitCode === null) await sleep(5);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await client.end();
  }
  expect(child.signalCode).to.equal('SIGKILL');
  await expectNoBackends(target);
  expect(await objects(target), 'objects after the kill').to.deep.equal([]);
}

/** Backends of a killed client end within seconds. */
async function expectNoBackends(url: string): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const left = await query(
      url,
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'gulp extract%' AND datname = current_database()`,
    );
    if (left.length === 0) return;
    await sleep(100);
  }
  expect.fail('a backend of a killed extraction is still connected');
}

describe('extraction killed with SIGKILL', function () {
  this.timeout(120_000 + ROUNDS * 20_000);
  let source: string;
  before(async () => {
    source = await createDatabase();
    await query(source, SOURCE);
  });

  it(`continues after SIGKILL at ${ROUNDS} points between the first object and the last constraint`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const target = await createDatabase();
      const args = [`--source=${source}`, `--target=${target}`, '--tables=a,b,c', '--jobs=2'];
      await killAt(Math.floor((round * ENTRIES) / ROUNDS), target, args);
      const report = await runExtract(args);
      expect(report.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
      const { resumed, tables } = report.result as {
        resumed: boolean;
        tables: { name: string; rows: number }[];
      };
      expect(resumed).to.equal(true);
      expect(tables.map((table) => table.rows)).to.deep.equal([40_000, 40_000, 40_000]);
      expect(
        await query(target, `SELECT nspname FROM pg_namespace WHERE nspname ~ '^platform'`),
      ).to.deep.equal([]);
      expect(await query(target, 'SELECT count(*)::int AS n FROM ab')).to.deep.equal([{ n: 40_000 }]);
      await expectNoBackends(target);
      await expectNoBackends(source);
    }
  });

  it('starts anew after SIGKILL before its first object', async () => {
    const target = await createDatabase();
    const args = [`--source=${source}`, `--target=${target}`, '--tables=a,b,c', '--jobs=2'];
    await killBeforeLedger(target, args);
    const report = await runExtract(args);
    expect(report.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
    const { resumed, tables } = report.result as { resumed: boolean; tables: { rows: number }[] };
    expect(resumed).to.equal(false);
    expect(tables.map((table) => table.rows)).to.deep.equal([40_000, 40_000, 40_000]);
    await expectNoBackends(source);
  });

  it('restarts instead of continuing with outdated rows when the source has changed', async () => {
    const target = await createDatabase();
    const args = [`--source=${source}`, `--target=${target}`, '--tables=a,b,c', '--jobs=2'];
    await killAt(1, target, args);
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
