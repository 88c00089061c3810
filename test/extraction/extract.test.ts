import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import type { CommandReport } from '../../contracts/job.ts';
import { extractTables, prepareExtraction } from '../../extraction/run/extract-tables.ts';
import { runExtract } from '../../exporter/commands/extract/extract.ts';
import { parseTableList } from '../../extraction/plan/closure/names.ts';
import { openSession } from '../../extraction/run/session.ts';
import { createDatabase } from '../support/postgres.ts';
import { query } from './support/server.ts';

const objects = (url: string): Promise<unknown[]> =>
  query(
    url,
    `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_|^information_schema$'
    UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$|^public$'`,
  );
const errors = (report: CommandReport): string[] =>
  report.findings.filter((item) => item.severity === 'error').map((item) => item.code);
const databases = (url: string): Promise<unknown[]> =>
  query(url, 'SELECT datname FROM pg_database ORDER BY 1');

describe('gulp extract', function () {
  let source: string;
  let target: string;
  const run = (...flags: string[]): Promise<CommandReport> =>
    runExtract([`--source=${source}`, `--target=${target}`, ...flags]);
  beforeEach(async () => {
    source = await createDatabase();
    target = await createDatabase();
  });

  it('refuses invalid command lines with exit code 2', async () => {
    for (const flags of [
      [],
      ['--tables=a', '--tables-file=b'],
      ['--tables='],
      ['--tables="a'],
      ['--tables=a b'],
      ['--tables=a', '--job=2'],
      ['--tables=a', '--jobs=0'],
      ['--tables=a.b.c'],
    ]) {
      const report = await run(...flags);
      expect(report.exitCode, flags.join(' ')).to.equal(2);
      expect(errors(report)).to.deep.equal(['usage']);
    }
    expect((await runExtract([`--source=${source}`, `--target=${source}`, '--tables=a'])).exitCode).to.equal(
      2,
    );
    expect(
      (await runExtract(['--source=mysql://x/y', `--target=${target}`, '--tables=a'])).exitCode,
    ).to.equal(2);
  });

  it('prints the statements in a dry run, and changes nothing', async () => {
    await query(source, 'CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)');
    const before = await databases(target);
    const fresh = new URL(target);
    fresh.pathname += '_fresh';
    for (const to of [target, fresh.href]) {
      const report = await runExtract([`--source=${source}`, `--target=${to}`, '--tables=a', '--dry-run']);
      expect(report.exitCode).to.equal(0);
      expect((report.result as { ddl: string[] }).ddl.join('\n')).to.match(
        /CREATE TABLE public\.a \(\n {2}id integer .*NOT NULL\n\)/,
      );
    }
    expect(await objects(target)).to.deep.equal([]);
    expect(await databases(target)).to.deep.equal(before);
  });

  it('reads names from a file, one per line, and creates a missing target database', async () => {
    await query(
      source,
      `CREATE SCHEMA s; CREATE TABLE s.t (id int); CREATE TABLE "Q, ""x""" (id int); INSERT INTO s.t VALUES (1), (2)`,
    );
    const folder = await mkdtemp(path.join(tmpdir(), 'extract-'));
    await writeFile(path.join(folder, 'tables'), 's.t\n"Q, ""x"""\n\n');
    const fresh = new URL(target);
    fresh.pathname += '_made';
    const report = await runExtract([
      `--source=${source}`,
      `--target=${fresh.href}`,
      `--tables-file=${path.join(folder, 'tables')}`,
    ]);
    await rm(folder, { recursive: true });
    expect(report.exitCode).to.equal(0);
    const { tables } = report.result as {
      tables: { name: string; rows: number; bytes: number; checksum: string }[];
    };
    expect(tables.map(({ name, rows }) => [name, rows])).to.deep.equal([
      ['s.t', 2],
      ['"Q, ""x"""', 0],
    ]);
    expect(tables[0]!.checksum).to.match(/^[0-9a-f]{32}$/);
    expect(tables[0]!.bytes).to.be.greaterThan(0);
    expect(await query(fresh.href, 'SELECT id FROM s.t ORDER BY 1')).to.deep.equal([{ id: 1 }, { id: 2 }]);
  });

  it('refuses unknown tables and conflicting objects before any change', async () => {
    await query(
      source,
      'CREATE TABLE a (id int); CREATE TABLE "Mixed" (id int); CREATE TYPE k AS ENUM (\'x\'); CREATE TABLE b (k k)',
    );
    await query(target, 'CREATE TABLE a (mine int); CREATE TYPE k AS (x int)');
    const before = await objects(target);
    const report = await run('--tables=a,b,mixed');
    expect(report.exitCode).to.equal(3);
    expect(
      report.findings.filter((item) => item.severity === 'error').map(({ code, object }) => [code, object]),
    ).to.deep.equal([
      ['table-not-found', 'mixed'],
      ['target-exists', 'public.k'],
      ['target-exists', 'public.a'],
    ]);
    expect(report.findings[0]!.remedy).to.contain('"Mixed"');
    expect(await objects(target)).to.deep.equal(before);
  });

  it('rolls the target back with exit code 4 when the copy fails', async () => {
    const name = new URL(source).pathname.slice(1);
    await query(
      source,
      `CREATE FUNCTION here() RETURNS boolean LANGUAGE sql AS $$ SELECT current_database() = '${name}' $$;
      CREATE SCHEMA s; CREATE TABLE s.a (id int PRIMARY KEY, CHECK (here())); CREATE TABLE s.b (id int); INSERT INTO s.a VALUES (1); INSERT INTO s.b SELECT generate_series(1, 1000)`,
    );
    await query(target, 'CREATE TABLE keep (id int)');
    const before = await objects(target);
    const report = await run('--tables=s.a,s.b');
    expect(report.exitCode).to.equal(4);
    expect(report.findings.at(-1)!.message).to.contain('a_check');
    expect(await objects(target)).to.deep.equal(before);
    const fresh = new URL(target);
    fresh.pathname += '_failed';
    expect(
      (await runExtract([`--source=${source}`, `--target=${fresh.href}`, '--tables=s.a'])).exitCode,
    ).to.equal(4);
    expect(await databases(target)).to.not.deep.include({ datname: fresh.pathname.slice(1) });
  });

  it('rolls the target back with exit code 130 when it is interrupted', async () => {
    await query(source, 'CREATE TABLE a AS SELECT i, md5(i::text) FROM generate_series(1, 300000) i');
    const stop = new AbortController();
    const report = await runExtract([`--source=${source}`, `--target=${target}`, '--tables=a'], {
      signal: stop.signal,
      report: {
        log: () => setTimeout(() => stop.abort(new Error('interrupted')), 20),
        progress: () => undefined,
      },
    });
    expect(report.exitCode).to.equal(130);
    expect(await objects(target)).to.deep.equal([]);
  });

  it('refuses a target that another process has changed since the plan', async () => {
    await query(source, 'CREATE TABLE a AS SELECT i FROM generate_series(1, 10) i');
    const request = {
      tables: parseTableList('a'),
      severIncoming: false,
      ownership: { owner: null, runtime: null },
    };
    const prepared = await prepareExtraction(source, target, request);
    await query(target, 'CREATE TABLE a AS SELECT 1 AS theirs');
    const failure = await extractTables({
      sourceUrl: source,
      targetUrl: target,
      request,
      prepared,
      jobs: 1,
      signal: new AbortController().signal,
      progress: () => undefined,
      phase: () => undefined,
    }).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'locked', exitCode: 3 });
    expect((failure as Error).message).to.contain('relation public.a');
    expect(await query(target, 'SELECT theirs FROM a')).to.deep.equal([{ theirs: 1 }]);
  });

  it('runs one extraction at a time per target', async () => {
    await query(source, 'CREATE TABLE a AS SELECT i FROM generate_series(1, 200000) i');
    const reports = await Promise.all([run('--tables=a'), run('--tables=a')]);
    expect(reports.map((report) => report.exitCode).sort()).to.deep.equal([0, 3]);
    expect(await query(target, 'SELECT count(*)::int AS n FROM a')).to.deep.equal([{ n: 200_000 }]);
  });

  it('leaves another command alone that is still reading the same target', async () => {
    await query(source, 'CREATE TABLE a AS SELECT i FROM generate_series(1, 10) i');
    const reading = await openSession({ url: target });
    try {
      expect((await run('--tables=a')).exitCode).to.equal(0);
      expect((await reading.query('SELECT count(*)::int AS n FROM public.a')).rows).to.deep.equal([
        { n: 10 },
      ]);
    } finally {
      await reading.end();
    }
  });

  it('runs one extraction at a time when the target has to be created, too', async () => {
    await query(source, 'CREATE TABLE a AS SELECT i FROM generate_series(1, 1000) i');
    const fresh = new URL(target);
    fresh.pathname += '_fresh';
    const both = [1, 2].map(() => runExtract([`--source=${source}`, `--target=${fresh.href}`, '--tables=a']));
    const reports = await Promise.all(both);
    expect(reports.map((report) => report.exitCode).sort()).to.deep.equal([0, 3]);
    expect(await query(fresh.href, 'SELECT count(*)::int AS n FROM a')).to.deep.equal([{ n: 1000 }]);
  });

  it('accepts incoming foreign keys only with --sever-incoming', async () => {
    await query(source, 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int REFERENCES a)');
    const refused = await run('--tables=a');
    expect([refused.exitCode, errors(refused)]).to.deep.equal([3, ['foreign-key-incoming']]);
    const accepted = await run('--tables=a', '--sever-incoming');
    expect(accepted.exitCode).to.equal(0);
    expect(accepted.findings.find((item) => item.code === 'foreign-key-incoming')!.object).to.equal(
      'b_id_fkey ON public.b',
    );
  });

  it('copies ranges of a large table in parallel', async () => {
    await query(
      source,
      `CREATE TABLE big (id int PRIMARY KEY, pad text); ALTER TABLE big ALTER pad SET STORAGE PLAIN;
      INSERT INTO big SELECT i, repeat('x', 1500) FROM generate_series(1, 60000) i; ANALYZE big`,
    );
    const report = await run('--tables=big', '--jobs=2');
    expect(report.exitCode).to.equal(0);
    expect((report.result as { tables: { rows: number }[] }).tables[0]!.rows).to.equal(60_000);
  });

  it('works without superuser rights, and names the objects that need them before any change', async () => {
    const as = (url: string): string => {
      const at = new URL(url);
      at.username = 'extract_plain';
      at.password = 'plain';
      return at.href;
    };
    await query(
      source,
      `DO $$ BEGIN CREATE ROLE extract_plain LOGIN PASSWORD 'plain'; CREATE ROLE extract_stranger; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
       GRANT CREATE ON SCHEMA public TO extract_plain; CREATE EXTENSION citext;
       SET ROLE extract_plain; CREATE TABLE mine (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, c citext); INSERT INTO mine (c) SELECT 'c' || i FROM generate_series(1, 50) i;
       GRANT SELECT ON mine TO extract_stranger WITH GRANT OPTION; RESET ROLE; SET ROLE extract_stranger; GRANT SELECT ON mine TO pg_monitor; RESET ROLE;
       CREATE TABLE theirs (id int); ALTER TABLE theirs OWNER TO extract_stranger; GRANT SELECT ON theirs TO extract_plain;
       CREATE TYPE v AS (x int); CREATE FUNCTION v_cmp(v, v) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
       CREATE OPERATOR CLASS v_ops FOR TYPE v USING btree AS FUNCTION 1 v_cmp(v, v); CREATE TABLE odd (v v); CREATE INDEX ON odd (v v_ops); GRANT SELECT ON odd TO extract_plain`,
    );
    await query(
      target,
      `ALTER DATABASE ${pg.escapeIdentifier(new URL(target).pathname.slice(1))} OWNER TO extract_plain`,
    );
    const plain = (tables: string): Promise<CommandReport> =>
      runExtract([`--source=${as(source)}`, `--target=${as(target)}`, `--tables=${tables}`]);
    const refused = await plain('odd');
    expect([refused.exitCode, errors(refused)]).to.deep.equal([3, ['needs-superuser', 'needs-superuser']]);
    expect(await objects(target)).to.deep.equal([]);
    const report = await plain('mine,theirs');
    expect(errors(report)).to.deep.equal([]);
    expect(report.exitCode).to.equal(0);
    const lost = report.findings.filter((item) => item.severity === 'warning').map((item) => item.code);
    expect(lost.sort()).to.deep.equal(['grantor-mapped', 'owner-mapped']);
    const [row] = await query(
      target,
      `SELECT tableowner, has_table_privilege('pg_monitor', 'mine', 'SELECT') AS read FROM pg_tables WHERE tablename = 'theirs'`,
    );
    expect(row).to.deep.equal({ tableowner: 'extract_plain', read: true });
  });

  it('counts rows that violate a foreign key that is NOT VALID', async () => {
    await query(
      source,
      `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int, p int); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 2), (3, NULL), (4, 4);
       ALTER TABLE c ADD CONSTRAINT loose FOREIGN KEY (p) REFERENCES p NOT VALID`,
    );
    const report = await run('--tables=p,c');
    expect(report.exitCode).to.equal(0);
    const found = report.findings.find((item) => item.code === 'orphan-rows')!;
    expect([found.severity, found.object]).to.deep.equal(['warning', 'loose ON public.c']);
    expect(found.message).to.match(/^2 rows violate/);
  });

  it('reports bytes while rows are copied, and rolls back large objects', async () => {
    await query(
      source,
      `CREATE TABLE files (id int, content oid); INSERT INTO files SELECT i, lo_from_bytea(0, convert_to(repeat('x', 3000000), 'UTF8')) FROM generate_series(1, 2) i;
       CREATE TABLE wide AS SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 60000) i; ANALYZE`,
    );
    const stop = new AbortController();
    const told: { bytes?: number; done: number; total: number }[] = [];
    const report = await runExtract(
      [`--source=${source}`, `--target=${target}`, '--tables=files,wide', '--jobs=1'],
      {
        signal: stop.signal,
        report: {
          log: (_level, message) => {
            if (message === 'Verifying …') stop.abort(new Error('interrupted'));
          },
          progress: (progress) => told.push(progress),
        },
      },
    );
    expect(report.exitCode).to.equal(130);
    expect(await query(target, 'SELECT oid FROM pg_largeobject_metadata')).to.deep.equal([]);
    expect(await objects(target)).to.deep.equal([]);
    const copying = told.filter((item) => item.bytes !== undefined);
    expect(Math.max(...copying.map((item) => item.bytes!))).to.be.greaterThan(38_000_000);
    expect(copying.every((item) => item.done <= item.total)).to.equal(true);
  });
});
