import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { CommandReport } from '../../contracts/job.ts';
import { runExtract } from '../../exporter/commands/extract/extract.ts';
import { dumpRows, dumpSchema } from './support/dump.ts';
import {
  findInstallation,
  query,
  startEmbeddedServer,
  startInstalled,
  type TestServer,
} from './support/server.ts';

const folder = new URL('corners/', import.meta.url);
const files = (await readdir(folder)).sort();
const bin = await findInstallation();

interface Corner {
  readonly tables: string;
  readonly roles: readonly string[];
  /** SQL name of what the plan must refuse; `null` when everything must arrive. */
  readonly refused: string | null;
  readonly sql: string;
}

async function readCorner(file: string): Promise<Corner> {
  const sql = await readFile(new URL(file, folder), 'utf8');
  const header = (name: string): string | null =>
    new RegExp(`^-- ${name}: (.*)$`, 'm').exec(sql)?.[1] ?? null;
  return {
    tables: header('tables')!,
    roles: header('roles')?.split(', ') ?? [],
    refused: header('refused'),
    sql,
  };
}

const extract = (
  source: string,
  target: string,
  tables: string,
  ...flags: string[]
): Promise<CommandReport> =>
  runExtract([`--source=${source}`, `--target=${target}`, `--tables=${tables}`, ...flags]);

const problems = (report: CommandReport): string[] =>
  report.findings.filter((item) => item.severity === 'error').map((item) => item.message);

/** No ledger of an extraction exists in the target. */
async function expectNoTrace(url: string): Promise<void> {
  expect(await query(url, `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'platform%'`)).to.deep.equal(
    [],
  );
}

const starts: [string, () => Promise<TestServer>][] = [['the embedded server', startEmbeddedServer]];
if (bin === null)
  console.log('  corners beside pg_dump: not run (Debian: postgresql-15 or another whole installation)');
else starts.unshift(['an installed server, pg_dump beside it', () => startInstalled(bin)]);

for (const [label, start] of starts)
  describe(`extraction on ${label}`, function () {
    let server: TestServer;
    before(async () => {
      server = await start();
    });
    after(() => server.stop());

    for (const file of files)
      it(`copies ${file} exactly, or refuses it by name`, async () => {
        const corner = await readCorner(file);
        const source = await server.createDatabase();
        const target = await server.createDatabase();
        for (const role of corner.roles)
          await query(
            source,
            `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
          );
        await query(source, corner.sql);
        const report = await extract(source, target, corner.tables);
        await expectNoTrace(target);
        if (corner.refused !== null) {
          expect(report.exitCode).to.equal(3);
          expect(
            report.findings.filter((item) => item.severity === 'error').map((item) => item.object),
          ).to.deep.equal([corner.refused]);
          expect(
            await query(target, `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`),
          ).to.deep.equal([]);
          return;
        }
        expect(problems(report)).to.deep.equal([]);
        expect(report.exitCode).to.equal(0);
        await expectSamePlan({ source, target, tables: corner.tables });
        if (server.bin !== null) await expectSameDump(server.bin, source, target, report);
      });
  });

/** Planning from the target gives exactly the statements that created it. */
async function expectSamePlan(pair: { source: string; target: string; tables: string }): Promise<void> {
  const [there, here] = await Promise.all(
    [pair.source, pair.target].map(async (url) => {
      const elsewhere = new URL(url);
      elsewhere.pathname = '/read_again';
      const report = await extract(url, elsewhere.href, pair.tables, '--dry-run');
      expect(problems(report)).to.deep.equal([]);
      return (report.result as { ddl: string[] }).ddl.slice().sort();
    }),
  );
  expect(here).to.deep.equal(there);
}

/** pg_dump is the oracle: no statement in the target that the source lacks, and no lost statement without a finding. */
async function expectSameDump(
  binaries: string,
  source: string,
  target: string,
  report: CommandReport,
): Promise<void> {
  const [there, here] = await Promise.all([source, target].map((url) => dumpSchema(binaries, url)));
  const announced = report.findings
    .filter((item) => item.severity === 'warning')
    .map((item) => item.object ?? '');
  const invented = [...here!].filter(
    (statement) => !there!.has(statement) && !/^COMMENT ON COLUMN .* IS '[^]*Referred to /.test(statement),
  );
  expect(invented).to.deep.equal([]);
  const tables = (report.result as { tables: { name: string; partitions?: string[] }[] }).tables
    .flatMap((table) => [table.name, ...(table.partitions ?? [])])
    .map((name) => (name.includes('.') ? name : `public.${name}`));
  const moved = (statement: string): boolean =>
    tables.some((name) =>
      new RegExp(
        `^(CREATE (UNLOGGED )?TABLE|ALTER TABLE( ONLY)?|CREATE .*INDEX .* ON( ONLY)?|CREATE .*TRIGGER [^]* ON|COMMENT ON TABLE|GRANT [^]* ON TABLE|REVOKE [^]* ON TABLE|CREATE POLICY .* ON) ${name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\w."])`,
      ).test(statement),
    );
  const lost = [...there!].filter((statement) => !here!.has(statement) && moved(statement));
  for (const statement of lost)
    expect(
      announced.some((object) => object !== '' && statement.includes(object.split(' ON ')[0]!)),
      `lost without a finding: ${statement}`,
    ).to.equal(true);
  const [rowsThere, rowsHere] = await Promise.all([source, target].map((url) => dumpRows(binaries, url)));
  for (const [name, rows] of rowsHere!) expect(rows, name).to.deep.equal(rowsThere!.get(name));
}
