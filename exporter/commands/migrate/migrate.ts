import { parseFlags } from '../../../contracts/command-line.ts';
import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { withConnection } from '../../../registry-api/store/with-connection.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { createReporter } from '../../cli/reporter.ts';
import { exitWith } from '../../cli/task.ts';
import { readToolPlace } from '../exported-service.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';
import { MIGRATE_FLAGS } from './migrate-flags.ts';
import { findServiceDatabase, refuseUnreachable } from './service-database.ts';
import { findMigrator, runMigrator } from './service-migrator.ts';

/**
 * `gulp migrate`: runs the pending migrations of an exported service in its database, as the migrator role. Each
 * migration is one transaction: one that fails leaves no trace.
 */
export async function migrateService(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('migrate', argv, MIGRATE_FLAGS);
  const { 'tool-id': toolId, 'dry-run': dryRun = false } = flags;
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const reporter = createReporter({ json: flags.json ?? false });
  const platformUrl = await openPlatformDatabase({ root, settings }, { migrate: !dryRun });
  const { exported, runtime } = await withConnection(
    { connectionString: platformUrl, application_name: 'migrate' },
    (client) => readToolPlace(client, toolId),
  );
  if (!exported || runtime === null)
    throw new PlatformError(
      'not-exported',
      `${toolId} runs in the monolith. Migrate it there: npm run tool:migrate -- --tool-id=${toolId}`,
    );
  const migrator = await findMigrator({ root, toolId, dryRun });
  const database = await findServiceDatabase({ root, settings, toolId, runtime, platformUrl });
  await refuseUnreachable(database);
  const lines = await runMigrator(migrator, { database, dryRun, onLine: (line) => reporter.line(line) });
  const named = (verb: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${verb} `)).map((line) => line.slice(verb.length + 1));
  const report: CommandReport = {
    ok: true,
    exitCode: EXIT.done,
    findings: [],
    changes: [],
    steps: [],
    result: { applied: named('applied'), pending: named('would apply') },
  };
  await reporter.document(report);
  exitWith(report.exitCode);
  return report;
}
