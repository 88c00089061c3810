import type { TaskFunction } from 'gulp';
import { describeFlags } from '../../contracts/command-line.ts';
import { commandTask } from '../cli/task.ts';
import { COMPLETE_FLAGS } from './complete/complete-flags.ts';
import { COMPOSE_FLAGS } from './compose/compose-flags.ts';
import { SQL_FLAGS } from './db/sql-flags.ts';
import { DOCTOR_FLAGS } from './doctor/doctor-flags.ts';
import { EXTRACT_FLAGS } from './extract/extract-flags.ts';
import { LOGS_FLAGS } from './logs/logs-flags.ts';
import { MIGRATE_FLAGS } from './migrate/migrate-flags.ts';
import { STATUS_FLAGS } from './status-flags.ts';

/** The commands that are a single task. Each loads its code when it runs: all of it would delay every other command. */
export const commandsOf = (argv: readonly string[]): readonly TaskFunction[] => [
  commandTask(
    'complete',
    'End the way back of a completed export: archive the old tables, free streams and slots',
    async () => (await import('./complete/complete.ts')).complete(argv),
    describeFlags(COMPLETE_FLAGS),
    {
      purpose: 'move',
      examples: [
        {
          command: 'npx gulp complete --tool-id=inventory-tracker --dry-run',
          text: 'check, and show the plan',
        },
        {
          command: 'npx gulp complete --tool-id=inventory-tracker --drop-source --remove-code',
          text: 'also drop the old tables and remove the source from the monolith',
        },
      ],
    },
  ),
  commandTask(
    'extract',
    'Copy tables from one PostgreSQL database to another, exactly',
    async () => (await import('./extract/extract-command.ts')).showExtract(argv),
    describeFlags(EXTRACT_FLAGS),
    {
      purpose: 'database',
      examples: [
        {
          command:
            'npx gulp extract --source=postgresql://localhost/a --target=postgresql://localhost/b --tables=\'items,"Orders"\' --dry-run',
          text: 'what would be copied, and every reference that crosses the boundary',
        },
        {
          command:
            'npx gulp extract --source=postgresql://localhost/a --target=postgresql://localhost/b --tables=items --follow',
          text: 'while writes go on; Enter switches',
        },
      ],
    },
  ),
  commandTask(
    'status',
    'Show the state of every tool',
    async () => (await import('./status.ts')).showStatus(argv),
    describeFlags(STATUS_FLAGS),
    {
      purpose: 'look',
      examples: [{ command: 'npx gulp status --tool-id=inventory-tracker', text: 'one tool' }],
    },
  ),
  commandTask(
    'logs',
    'Show the log of an exported service',
    async () => (await import('./logs/logs.ts')).showLogs(argv),
    describeFlags(LOGS_FLAGS),
    {
      purpose: 'look',
      examples: [
        {
          command: 'npx gulp logs --tool-id=inventory-tracker --since=10m --level=warn',
          text: 'warnings and errors of the last ten minutes',
        },
        { command: 'npx gulp logs --tool-id=inventory-tracker --follow', text: 'until Ctrl-C' },
      ],
    },
  ),
  commandTask(
    'migrate',
    'Run the pending migrations of an exported service',
    async () => (await import('./migrate/migrate.ts')).migrateService(argv),
    describeFlags(MIGRATE_FLAGS),
    {
      purpose: 'database',
      examples: [
        {
          command: 'npx gulp migrate --tool-id=inventory-tracker --dry-run',
          text: 'what is pending; changes nothing',
        },
      ],
    },
  ),
  commandTask(
    'doctor',
    'Show what is missing on this machine and which resources are orphaned',
    async () => (await import('./doctor/doctor.ts')).examine(argv),
    describeFlags(DOCTOR_FLAGS),
    {
      purpose: 'look',
      examples: [{ command: 'npx gulp doctor --fix', text: 'remove orphaned resources, after a question' }],
    },
  ),
  commandTask(
    'db:sql',
    "Run SQL in the platform's database",
    async () => (await import('./db/sql-command.ts')).runSql(argv),
    describeFlags(SQL_FLAGS),
    {
      purpose: 'database',
      examples: [
        { command: 'npx gulp db:sql --command="SELECT tool_id FROM tool_registry"', text: 'rows as JSON' },
      ],
    },
  ),
  commandTask(
    'compose:remove',
    "Remove one tool's entry from the compose file",
    async () => (await import('./compose/compose-command.ts')).removeFromCompose(argv),
    describeFlags(COMPOSE_FLAGS),
    {
      purpose: 'database',
      examples: [
        {
          command: 'npx gulp compose:remove --tool-id=inventory-tracker',
          text: 'entries of other tools stay',
        },
      ],
    },
  ),
  commandTask(
    'db:stop',
    'Stop the embedded PostgreSQL',
    async () => (await import('./db/stop-command.ts')).stopDatabase(argv),
    undefined,
    {
      purpose: 'database',
    },
  ),
];
