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
    () => showExtract(argv),
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
  commandTask('status', 'Show the state of every tool', () => showStatus(argv), describeFlags(STATUS_FLAGS), {
    purpose: 'look',
    examples: [{ command: 'npx gulp status --tool-id=inventory-tracker', text: 'one tool' }],
  }),
  commandTask(
    'doctor',
    'Show what is missing on this machine and which resources are orphaned',
    () => examine(argv),
    describeFlags(DOCTOR_FLAGS),
    {
      purpose: 'look',
      examples: [{ command: 'npx gulp doctor --fix', text: 'remove orphaned resources, after a question' }],
    },
  ),
  commandTask('db:sql', "Run SQL in the platform's database", () => runSql(argv), describeFlags(SQL_FLAGS), {
    purpose: 'database',
    examples: [
      { command: 'npx gulp db:sql --command="SELECT tool_id FROM tool_registry"', text: 'rows as JSON' },
    ],
  }),
  commandTask(
    'compose:remove',
    "Remove one tool's entry from the compose file",
    () => removeFromCompose(argv),
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
  commandTask('db:stop', 'Stop the embedded PostgreSQL', () => stopDatabase(argv), undefined, {
    purpose: 'database',
  }),
];
