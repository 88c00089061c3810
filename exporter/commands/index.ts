import type { TaskFunction } from 'gulp';
import { parseSettings } from '../../contracts/settings.ts';
import { stopEmbedded } from '../../registry-api/store/embedded/index.ts';
import { findWorkspace } from '../../templating/roots.ts';
import { describeFlags, parseFlags } from '../../contracts/command-line.ts';
import { COMPLETE_FLAGS } from './complete/complete-flags.ts';
import { complete } from './complete/complete.ts';
import { COMPOSE_FLAGS, removeFromCompose } from './compose/compose-command.ts';
import { DOCTOR_FLAGS, examine } from './doctor/doctor.ts';
import { EXTRACT_FLAGS } from './extract/extract-arguments.ts';
import { showExtract } from './extract/extract-command.ts';
import { SQL_FLAGS, runSql } from './db/sql-command.ts';
import { LOGS_FLAGS, showLogs } from './logs/logs.ts';
import { MIGRATE_FLAGS, migrateService } from './migrate/migrate.ts';
import { STATUS_FLAGS, showStatus } from './status.ts';
import { commandTask } from '../cli/task.ts';

async function stopDatabase(argv: readonly string[]): Promise<void> {
  parseFlags('db:stop', argv, {});
  const stopped = await stopEmbedded(parseSettings(process.env), findWorkspace(process.cwd()));
  process.stdout.write(
    stopped ? 'The embedded PostgreSQL has stopped.\n' : 'The embedded PostgreSQL was not running.\n',
  );
}

/** The commands that are a single task. */
export const commandsOf = (argv: readonly string[]): readonly TaskFunction[] => [
  commandTask(
    'complete',
    'End the way back of a completed export: archive the old tables, free streams and slots',
    () => complete(argv),
    describeFlags(COMPLETE_FLAGS),
  ),
  commandTask(
    'extract',
    'Copy tables from one PostgreSQL database to another, exactly',
    () => showExtract(argv),
    describeFlags(EXTRACT_FLAGS),
  ),
  commandTask(
    'migrate',
    'Run the pending migrations of an exported service',
    () => migrateService(argv),
    describeFlags(MIGRATE_FLAGS),
  ),
  commandTask('logs', 'Show the log of an exported service', () => showLogs(argv), describeFlags(LOGS_FLAGS)),
  commandTask('status', 'Show the state of every tool', () => showStatus(argv), describeFlags(STATUS_FLAGS)),
  commandTask(
    'doctor',
    'Show what is missing on this machine and which resources are orphaned',
    () => examine(argv),
    describeFlags(DOCTOR_FLAGS),
  ),
  commandTask('db:sql', "Run SQL in the platform's database", () => runSql(argv), describeFlags(SQL_FLAGS)),
  commandTask(
    'compose:remove',
    "Remove one tool's entry from the compose file",
    () => removeFromCompose(argv),
    describeFlags(COMPOSE_FLAGS),
  ),
  commandTask('db:stop', 'Stop the embedded PostgreSQL', () => stopDatabase(argv)),
];
