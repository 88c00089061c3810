import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { CommandReport } from '../../contracts/job.ts';
import { runExtract } from '../../exporter/commands/extract/extract.ts';
import {
  findInstallation,
  query,
  startEmbeddedServer,
  startInstalled,
  type TestServer,
} from './support/server.ts';

/**
 * Corners between servers of different majors, both ways: the embedded one and the installed one; with
 * EXTRACT_SERVERS=/folder/of/initdb,… those as well, each with each.
 */
const bin = await findInstallation();
const folders = [
  ...(bin === null ? [] : [bin]),
  ...(process.env['EXTRACT_SERVERS'] ?? '').split(',').filter((folder) => folder !== ''),
];
const corners = new URL('corners/', import.meta.url);
const files = (await readdir(corners)).filter((file) => /^(0[1-6]|08|1[0-9])-/.test(file)).sort();

const errorsOf = (report: CommandReport): string[] =>
  report.findings.filter((item) => item.severity === 'error').map((item) => item.message);

/** What was made, by name: the text of views and of named NOT NULLs differs from major to major. */
const namesOf = (report: CommandReport): string[] => {
  const names = report.changes.map((change) => change.target);
  return [...new Set(names.filter((name) => !/^(ACL|DEFAULT ACL|CONSTRAINT) /.test(name)))].sort();
};

if (folders.length === 0)
  console.log('  extraction between PostgreSQL majors: not run (Debian: postgresql-15, or EXTRACT_SERVERS)');
else
  describe('extraction between PostgreSQL majors', function () {
    const servers: TestServer[] = [];
    before(async () => {
      servers.push(await startEmbeddedServer());
      for (const folder of folders) servers.push(await startInstalled(folder));
    });
    after(async () => {
      for (const server of servers) await server.stop();
    });

    for (const file of files)
      it(`${file} arrives on every other major`, async () => {
        const sql = await readFile(new URL(file, corners), 'utf8');
        const header = (name: string): string => new RegExp(`^-- ${name}: (.*)$`, 'm').exec(sql)?.[1] ?? '';
        for (const from of servers) {
          const source = await from.createDatabase();
          const roles = header('roles')
            .split(', ')
            .filter((role) => role !== '');
          const make = roles
            .map(
              (role) => `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;`,
            )
            .join('\n');
          await query(source, `${make}\nSELECT 1`);
          await query(source, sql);
          for (const to of servers) {
            if (to === from) continue;
            const target = await to.createDatabase();
            await query(target, `${make}\nSELECT 1`);
            const args = [`--source=${source}`, `--target=${target}`, `--tables=${header('tables')}`];
            const report = await runExtract(args);
            const pair = `${from.label} -> ${to.label}`;
            expect(errorsOf(report), pair).to.deep.equal([]);
            expect(report.exitCode, pair).to.equal(0);
            const again = new URL(target);
            again.pathname = '/read_again';
            const back = await runExtract([
              `--source=${target}`,
              `--target=${again.href}`,
              args[2]!,
              '--dry-run',
            ]);
            expect(errorsOf(back), pair).to.deep.equal([]);
            expect(namesOf(back), pair).to.deep.equal(namesOf(report));
          }
        }
      });
  });
