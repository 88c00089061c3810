import pg from 'pg';
import type { CommandReport } from '../../../contracts/job.ts';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase, testCluster } from '../../support/postgres.ts';
import { query } from './server.ts';

/** Source and target on the embedded server. `target` does not exist unless it is created. */
export interface Pair {
  readonly source: string;
  readonly target: string;
}

/** A source that holds `sql`, and a target that the extraction creates. `options` of CREATE DATABASE, for the source. */
export async function newPair(sql: string, options?: string): Promise<Pair> {
  const source = options === undefined ? await createDatabase() : await createWith(options);
  await query(source, sql);
  const target = new URL(source);
  target.pathname += '_target';
  return { source, target: target.href };
}

let count = 0;

/** A database with options of its own, such as a locale. */
export async function createWith(options: string): Promise<string> {
  const { adminUrl } = await testCluster();
  const url = new URL(adminUrl);
  url.pathname = `/own_${process.pid}_${++count}`;
  await query(
    adminUrl,
    `CREATE DATABASE ${pg.escapeIdentifier(url.pathname.slice(1))} TEMPLATE template0 ${options}`,
  );
  return url.href;
}

export const extract = (
  { source, target }: Pair,
  tables: string,
  ...flags: string[]
): Promise<CommandReport> =>
  runExtract([`--source=${source}`, `--target=${target}`, `--tables=${tables}`, ...flags]);

/** `error role-missing public.t` */
export const findingsOf = ({ findings }: CommandReport): string[] =>
  findings.map(({ severity, code, object }) => `${severity} ${code} ${object ?? ''}`.trimEnd());

/** Extracts; the error names what was found when that is refused or fails. */
export async function extractAll(pair: Pair, tables: string): Promise<CommandReport> {
  const report = await extract(pair, tables);
  if (report.exitCode === 0) return report;
  throw new Error(`exit code ${report.exitCode}: ${report.findings.map((item) => item.message).join('\n')}`);
}

/** Address of the same database for another role. */
export function asRole(url: string, role: string): string {
  const at = new URL(url);
  at.username = role;
  at.password = role;
  return at.href;
}
