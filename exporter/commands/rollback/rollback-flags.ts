import { parseFlags, usage } from '../../../contracts/command-line.ts';
import type { WritesMode } from '../../engine/writes-report.ts';

export const ROLLBACK_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', text: 'roll back the latest export of this tool' },
  'job-id': { type: 'job-id', value: 'ID', text: 'roll back this job' },
  'dry-run': { type: 'boolean', text: 'show what would be undone; change nothing' },
  'bring-back': {
    type: 'boolean',
    text: 'sync back to the monolith what the service has written since the switch',
  },
  'discard-writes': { type: 'boolean', text: 'discard what the service has written since the switch' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;

/** The command line of a rollback, parsed. At least one of `toolId` and `jobId` is set. */
export interface RollbackCommand {
  readonly toolId: string | null;
  readonly jobId: string | null;
  readonly dryRun: boolean;
  readonly writes: WritesMode;
  readonly json: boolean;
}

/** @throws PlatformError `usage` with every problem of the command line. */
export function parseRollbackCommand(argv: readonly string[]): RollbackCommand {
  const flags = parseFlags('rollback', argv, ROLLBACK_FLAGS);
  const [syncBack, discard] = [flags['bring-back'] === true, flags['discard-writes'] === true];
  const command: RollbackCommand = {
    toolId: flags['tool-id'] ?? null,
    jobId: flags['job-id'] ?? null,
    dryRun: flags['dry-run'] ?? false,
    writes: syncBack ? 'bring-back' : discard ? 'discard' : 'refuse',
    json: flags.json ?? false,
  };
  const problems = [
    ...(syncBack && discard ? ['--bring-back and --discard-writes exclude each other'] : []),
    ...(command.toolId === null && command.jobId === null ? ['--tool-id=ID or --job-id=ID is needed'] : []),
  ];
  if (problems.length > 0) throw usage('rollback', problems, ROLLBACK_FLAGS);
  return command;
}
