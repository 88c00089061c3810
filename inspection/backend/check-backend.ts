import type { Finding } from '../../contracts/plan.ts';
import { loadSqlParser } from '../../contracts/sql-parser.ts';
import { checkComputedImports } from './computed-imports.ts';
import { checkConfigKeys } from './config-keys.ts';
import type { CheckContext, CodeCheck } from './context.ts';
import { checkDefaultViews } from './default-views.ts';
import { checkEndpoints } from './endpoints.ts';
import { checkEnvironment } from './environment.ts';
import { checkForeignImports } from './foreign-imports.ts';
import { checkIgnored } from './ignored.ts';
import { checkPackages } from './packages.ts';
import { groupFindings } from './group-findings.ts';
import { checkPaths } from './paths.ts';
import { checkRepositoryFiles } from './repository-files.ts';
import { checkSqlTables } from './sql-tables.ts';

const CHECKS: readonly CodeCheck[] = [
  checkForeignImports,
  checkComputedImports,
  checkIgnored,
  checkRepositoryFiles,
  checkPackages,
  checkEnvironment,
  checkConfigKeys,
  checkSqlTables,
  checkPaths,
  checkDefaultViews,
  checkEndpoints,
];

/** Finds backend code that would fail or be missing outside the monolith; sorted by file and line. */
export async function checkBackend(context: CheckContext): Promise<readonly Finding[]> {
  await loadSqlParser();
  const findings = groupFindings(
    CHECKS.flatMap((check) => check(context)),
    context,
  );
  return findings.toSorted(
    (a, b) => (a.file ?? '').localeCompare(b.file ?? '') || (a.line ?? 0) - (b.line ?? 0),
  );
}
