import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { createDatabase } from '../../../support/postgres.ts';

const MONOLITH = path.resolve(import.meta.dirname, '../../../fixtures/monolith');
const REPOSITORY = 'src/modules/support/repository.ts';

interface Outcome {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs without a terminal, as CI does. */
const boundaries = (...flags: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      ['node_modules/gulp/bin/gulp.js', 'boundaries', '--silent', ...flags],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    ),
  );

describe('gulp boundaries', function () {
  this.timeout(180_000);
  let root: string;
  let source: string;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'boundaries-command-'));
    source = path.join(root, 'shop');
    cpSync(MONOLITH, source, { recursive: true });
  });
  after(() => rmSync(root, { recursive: true }));

  it('prints the report and writes the page', async () => {
    const page = path.join(root, 'shop.html');
    const { code, stdout } = await boundaries(`--source=${source}`, `--html=${page}`);
    expect(code).to.equal(0);
    expect(stdout).to.include(`9 modules, 20 tables and 84 couplings`);
    expect(stdout).to.include(`${REPOSITORY}:44  support reads the table orders of orders`);
    expect(readFileSync(page, 'utf8')).to.include('<!doctype html>').and.include(`${REPOSITORY}:44`);
  });

  it('fails on new couplings and on stale entries only, once the known ones are listed', async () => {
    const unlisted = await boundaries(`--source=${source}`, '--check');
    expect(unlisted.code).to.equal(3);
    expect(unlisted.stdout).to.include('84 problems');
    expect((await boundaries(`--source=${source}`, '--update-todo')).code).to.equal(0);
    const clean = await boundaries(`--source=${source}`, '--check');
    expect(clean).to.include({ code: 0, stdout: 'No new couplings between modules.\n' });

    const file = path.join(source, REPOSITORY);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}\nexport const count = () => pool.query('SELECT count(*) FROM invoices');\n`);
    const worse = await boundaries(`--source=${source}`, '--check');
    const line = text.split('\n').length + 1;
    expect(worse.code).to.equal(3);
    expect(worse.stdout.split('\n')[0]).to.equal(
      `${REPOSITORY}:${line}  support reads the table invoices of billing  boundary-new`,
    );

    writeFileSync(file, text.replace("from('orders')", "from('tickets')"));
    const better = await boundaries(`--source=${source}`, '--check', '--json');
    expect(better.code).to.equal(3);
    const report = JSON.parse(better.stdout) as {
      ok: boolean;
      exitCode: number;
      findings: { code: string }[];
    };
    expect(report).to.include({ ok: false, exitCode: 3 });
    expect(report.findings.map(({ code }) => code)).to.deep.equal(['boundary-stale']);
    writeFileSync(file, text);
  });

  it('adds what only the database has, over a connection that cannot write', async () => {
    const database = await createDatabase();
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    await client.query(readFileSync(path.join(MONOLITH, 'db/schema.sql'), 'utf8'));
    await client.query(
      'ALTER TABLE tickets ADD CONSTRAINT tickets_of_users FOREIGN KEY (user_id) REFERENCES users',
    );
    await client.end();
    const { code, stdout } = await boundaries(`--source=${source}`, `--database=${database}`, '--json');
    expect(code).to.equal(0);
    const { result } = JSON.parse(stdout) as {
      result: { couplings: { kind: string; name: string; file: string | null }[]; statements: string };
    };
    expect(result.couplings).to.have.length(85);
    expect(
      result.couplings.filter(({ file }) => file === null).map(({ kind, name }) => [kind, name]),
    ).to.deep.equal([['foreign-key', 'tickets_of_users -> users']]);
    expect(result.statements).to.equal('unreadable');
  });

  it('refuses an unreachable database and a pattern without modules before any output', async () => {
    const lost = await boundaries(`--source=${source}`, '--database=postgresql://127.0.0.1:1/none');
    expect(lost).to.include({ code: 3, stdout: '' });
    expect(lost.stderr).to.include('The database of --database cannot be read');
    const none = await boundaries(`--source=${source}`, '--modules=nothing/*');
    expect(none).to.include({ code: 2, stdout: '' });
    expect(none.stderr).to.include('matches --modules=nothing/*');
  });
});
