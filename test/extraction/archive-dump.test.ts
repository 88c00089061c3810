import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { PlatformError } from '../../contracts/errors.ts';
import type { ArchivePort, ArchiveSpec } from '../../extraction/archive/archive-api.ts';
import { createArchivePort, parseTableList } from '../../extraction/index.ts';
import { dumpRows } from './support/dump.ts';
import { findInstallation, query, startInstalled, type TestServer } from './support/server.ts';

const run = promisify(execFile);
const bin = await findInstallation();
const report = { log: () => undefined, progress: () => undefined };
const options = { signal: new AbortController().signal, report };

const caught = (work: Promise<unknown>): Promise<PlatformError> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as PlatformError,
  );

/** Corners of `corners/` with everything that an archive must hold: names, types, partitions, code, views. */
const CORNERS = ['01-columns-sequences', '04-partitions', '06-code', '18-names', '19-views'];

if (bin === null)
  console.log('  archives loaded by psql: not run (Debian: postgresql-15 or another whole installation)');
else
  describe('an archive of tables', function () {
    this.timeout(120_000);
    let server: TestServer;
    let place: string;
    before(async () => {
      server = await startInstalled(bin);
      place = await mkdtemp(path.join(tmpdir(), 'archive-test-'));
    });
    after(async () => {
      await server.stop();
      await rm(place, { recursive: true });
    });

    /** A database that holds `sql`, and the archive of its `tables` that is to be written. */
    async function prepare(sql: string, tables: string) {
      const url = await server.createDatabase();
      await query(url, sql);
      const port: ArchivePort = createArchivePort(url);
      const names = parseTableList(tables).map(({ schema, name }) =>
        [schema, name]
          .flatMap((part) => (part === null ? [] : [`"${part.replaceAll('"', '""')}"`]))
          .join('.'),
      );
      const source = await port.read({ tables: names, checkedIn: 'archive_check', stream: null });
      const spec: ArchiveSpec = {
        toolId: 'books',
        jobId: 'job',
        folder: path.join(place, path.basename(new URL(url).pathname)),
        plan: source.plan!,
        checkedIn: 'archive_check',
        locale: source.locale,
        remarks: source.remarks,
      };
      const drop = { plan: source.plan!, folder: spec.folder, owner: 'books_owner', fences: [] };
      return { url, port, source, spec, drop };
    }

    const databases = async (url: string): Promise<readonly unknown[]> =>
      (await query(url, 'SELECT datname FROM pg_database')).map(({ datname }) => datname);

    for (const corner of CORNERS)
      it(`holds every row of ${corner} and is loaded by psql`, async () => {
        const sql = await readFile(new URL(`corners/${corner}.sql`, import.meta.url), 'utf8');
        const header = (name: string): string => new RegExp(`^-- ${name}: (.*)$`, 'm').exec(sql)?.[1] ?? '';
        const { url, port, source, spec } = await prepare(sql, header('tables'));
        expect(source.obstacles).to.deep.equal([]);
        await port.write(spec, options);
        const loaded = await server.createDatabase();
        const psql = (...args: string[]) =>
          run(`${bin}/psql`, ['--no-psqlrc', '--quiet', `--dbname=${loaded}`, ...args], { cwd: spec.folder });
        await psql('--file=load.sql');
        await psql('--set=ON_ERROR_STOP=1', '--single-transaction', '--file=privileges.sql');
        const [there, here] = [await dumpRows(bin, url), await dumpRows(bin, loaded)];
        for (const [name, rows] of here) expect(rows, name).to.deep.equal(there.get(name));
        expect(here.size).to.be.greaterThan(0);
      });

    const BOOKS = `
      CREATE ROLE books_owner;
      GRANT CREATE ON SCHEMA public TO books_owner;
      SET ROLE books_owner;
      CREATE TYPE genre AS ENUM ('novel', 'poem');
      CREATE SEQUENCE shelf_numbers;
      CREATE TABLE shelves (id int PRIMARY KEY DEFAULT nextval('shelf_numbers'), name text);
      CREATE TABLE books (id serial PRIMARY KEY, kind genre, shelf int REFERENCES shelves);
      CREATE VIEW novels AS SELECT * FROM books WHERE kind = 'novel';
      INSERT INTO shelves (name) VALUES ('a'), ('b');
      INSERT INTO books (kind, shelf) SELECT 'novel', 1 + n % 2 FROM generate_series(1, 100) n;
      RESET ROLE;`;
    const forgetRole = (url: string) => query(url, 'DROP OWNED BY books_owner; DROP ROLE books_owner');

    it('keeps its files from other users, and names rows and checksums in its manifest', async () => {
      const { url, port, spec } = await prepare(BOOKS, 'shelves,books');
      try {
        const manifest = await port.write(spec, options);
        expect(manifest.tables.map(({ name, rows }) => [name, rows])).to.have.deep.members([
          ['public.books', 100],
          ['public.shelves', 2],
        ]);
        expect(manifest.tables.map(({ checksum }) => checksum)).to.satisfy((all: string[]) =>
          all.every((one) => /^[0-9a-f]{32}$/.test(one)),
        );
        expect(JSON.parse(await readFile(path.join(spec.folder, 'manifest.json'), 'utf8'))).to.deep.equal(
          manifest,
        );
        const names = await readdir(spec.folder, { recursive: true });
        for (const name of names) {
          const { mode } = await stat(path.join(spec.folder, name));
          expect((mode & 0o077).toString(8), name).to.equal('0');
        }
        expect(names).to.include.members(['README.md', 'load.sql', 'data/0001.copy']);
        expect(await databases(url)).not.to.include('archive_check');
      } finally {
        await forgetRole(url);
      }
    });

    it('is not there when a row that was read back differs', async () => {
      const { url, port, spec } = await prepare(BOOKS, 'shelves,books');
      try {
        const tables = spec.plan.tables.map((table) =>
          table.name === 'public.shelves' ? { ...table, columns: ['id'] } : table,
        );
        const error = await caught(port.write({ ...spec, plan: { ...spec.plan, tables } }, options));
        expect(error).to.include({ code: 'verification-failed' });
        expect(error.message).to.match(
          /public\.shelves: 2 rows \(.*\) in the source, 2 rows \(.*\) in the archive/,
        );
        await port.remove(spec);
        expect(await readdir(place)).not.to.include.members([path.basename(spec.folder)]);
        expect(await databases(url)).not.to.include('archive_check');
      } finally {
        await forgetRole(url);
      }
    });

    it('lets the tables be dropped with what their owner role owns and nothing else uses', async () => {
      const { url, port, spec, drop } = await prepare(BOOKS, 'shelves,books');
      try {
        await query(url, `CREATE TABLE other (kind genre); CREATE TABLE mine (id int)`);
        await port.write(spec, options);
        const kept = await port.drop(drop);
        expect(kept).to.have.length(1);
        expect(kept[0]).to.match(
          /^TYPE public\.genre: column kind of table public\.other depends on type public\.genre/,
        );
        const left = await query(
          url,
          `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`,
        );
        expect(left.map(({ relname }) => relname)).to.deep.equal(['mine', 'other']);
        expect(await port.drop(drop), 'a second time').to.deep.equal([]);
      } finally {
        await query(url, 'DROP TABLE other');
        await forgetRole(url);
      }
    });

    it('refuses to drop tables that other objects use, and names each of them', async () => {
      const { url, port, spec, drop } = await prepare(BOOKS, 'shelves,books');
      try {
        await query(
          url,
          `CREATE VIEW report AS SELECT count(*) FROM books;
           CREATE TABLE loans (book int REFERENCES books);
           CREATE FUNCTION last_shelf() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(name) FROM shelves); END';
           CREATE PUBLICATION feed FOR TABLE books`,
        );
        const { dependents } = await port.read({
          tables: ['shelves', 'books'],
          checkedIn: 'archive_check',
          stream: null,
        });
        expect(dependents.join('\n'))
          .to.match(/last_shelf\(\) uses public\.shelves/)
          .and.match(/Publication feed/);
        await port.write(spec, options);
        for (const attempt of ['tryDrop', 'drop'] as const) {
          const error = await caught(port[attempt](drop));
          expect(error).to.include({ code: 'source-in-use' });
          expect(error.message)
            .to.match(/view public\.report depends on table public\.books/)
            .and.match(/constraint loans_book_fkey on table public\.loans depends on table public\.books/);
        }
        expect(await query(url, 'SELECT count(*)::int AS n FROM books')).to.deep.equal([{ n: 100 }]);
      } finally {
        await query(url, 'DROP VIEW report; DROP TABLE loans');
        await forgetRole(url);
      }
    });

    it('refuses to drop a row or a column that is not archived', async () => {
      const { url, port, spec, drop } = await prepare(BOOKS, 'shelves,books');
      try {
        await port.write(spec, options);
        for (const change of [
          "INSERT INTO shelves (name) VALUES ('late')",
          "DELETE FROM shelves WHERE name = 'late'; ALTER TABLE shelves ADD height int",
        ]) {
          await query(url, change);
          for (const attempt of ['tryDrop', 'drop'] as const) {
            const error = await caught(port[attempt](drop));
            expect(error, change).to.include({ code: 'source-in-use' });
            expect(error.message).to.contain('changed after they were archived: public.shelves.');
          }
        }
        expect(await query(url, 'SELECT count(*)::int AS n FROM books')).to.deep.equal([{ n: 100 }]);
      } finally {
        await forgetRole(url);
      }
    });
  });
