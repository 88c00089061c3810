import { readFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { runExtract } from '../../exporter/commands/extract/extract.ts';
import { dumpRows, dumpSchema } from './support/dump.ts';
import { findInstallation, startInstalled, type TestServer } from './support/server.ts';

/** Folder of sample databases. Without it, or without an installed PostgreSQL, this suite does not run. */
const samples = process.env['SAMPLE_DATABASES'];
const bin = await findInstallation();

const CASES = [
  {
    database: 'pagila',
    tables: 'rental,payment,inventory',
    rows: { rental: 16_044, payment: 16_049, inventory: 4581 },
  },
  {
    database: 'pagila',
    tables: 'film,actor,film_actor,category,film_category,language',
    rows: { film: 1000, film_actor: 5462 },
  },
  {
    database: 'chinook',
    tables: '"Customer","Invoice","InvoiceLine"',
    rows: { '"Customer"': 59, '"Invoice"': 412, '"InvoiceLine"': 2240 },
  },
];

if (samples === undefined || samples === '' || bin === null)
  console.log('  sample databases: not run (SAMPLE_DATABASES, and an installed PostgreSQL)');
else
  describe('extraction from sample databases', function () {
    let server: TestServer;
    const sources = new Map<string, string>();
    before(async () => {
      server = await startInstalled(bin);
      for (const database of new Set(CASES.map((one) => one.database))) {
        const url = await server.createDatabase();
        const input = gunzipSync(await readFile(path.join(samples, `${database}.sql.gz`)));
        const load = spawnSync(`${bin}/psql`, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url], { input });
        expect(load.status, load.stderr.toString()).to.equal(0);
        sources.set(database, url);
      }
    });
    after(() => server.stop());

    for (const { database, tables, rows } of CASES)
      it(`copies ${tables} of ${database} like pg_dump`, async () => {
        const source = sources.get(database)!;
        const target = await server.createDatabase();
        const report = await runExtract([
          `--source=${source}`,
          `--target=${target}`,
          `--tables=${tables}`,
          '--sever-incoming',
        ]);
        expect(report.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
        const found = (report.result as { tables: { name: string; rows: number }[] }).tables;
        for (const [name, count] of Object.entries(rows))
          expect(found.find((table) => table.name === name)?.rows, name).to.equal(count);

        const names = found.flatMap((table) => [
          table.name,
          ...((table as { partitions?: string[] }).partitions ?? []),
        ]);
        const chosen = names.flatMap((name) => ['-t', name]);
        const [part, full, here] = await Promise.all([
          dumpSchema(bin, source, chosen),
          dumpSchema(bin, source),
          dumpSchema(bin, target),
        ]);
        // minus exactly the planned boundary changes …
        const lost = [...part]
          .filter((statement) => !here.has(statement))
          .map((statement) => /ADD CONSTRAINT ("[^"]+"|\S+) FOREIGN KEY/.exec(statement)?.[1] ?? statement);
        const planned = report.findings
          .filter((item) => item.code === 'foreign-key-outgoing')
          .map((item) => item.object!.split(' ON ')[0]!);
        expect(lost.sort()).to.deep.equal(planned.sort());
        // … plus exactly their comments
        const invented = [...here].filter((statement) => !full.has(statement));
        expect(
          invented.filter((statement) => !/^COMMENT ON COLUMN [^]*Referred to /.test(statement)),
        ).to.deep.equal([]);
        const [rowsThere, rowsHere] = await Promise.all([dumpRows(bin, source), dumpRows(bin, target)]);
        for (const [block, lines] of rowsHere) expect(lines, block).to.deep.equal(rowsThere.get(block));
      });
  });
