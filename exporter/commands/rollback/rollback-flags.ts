import { parseJobId, toolIdProblem } from '../../../contracts/ids.ts';
import { parseFlags, usage } from '../../cli/command-line.ts';
import type { WritesMode } from '../../engine/service-writes.ts';

export const ROLLBACK_FLAGS = {
  'tool-id': { type: 'string', text: 'roll back the latest export of this tool' },
  'job-id': { type: 'string', text: 'roll back this job' },
  'dry-run': { type: 'boolean', text: 'show what would be undone; change nothing' },
  'bring-back': {
    type: 'boolean',
    text: 'sync back to the monolith what the service has written since the switch',
  },
  'discard-writes': { type: 'boolean', text: 'discard what the service has written since the switch' },
  json: { type: 'boolean', text: 'print one JSON document (use with --silent)' },
} as const;

/** The command line of a rollback, parsed. At least one of `toolId` and `jobId` is there. */
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
  const problems = problemsOf(command);
  if (syncBack && discard) problems.unshift('--bring-back and --discard-writes exclude each other');
  if (problems.length > 0) throw usage('rollback', problems, ROLLBACK_FLAGS);
  return command;
}

function problemsOf({ toolId, jobId }: RollbackCommand): string[] {
  const problems: string[] = [];
  if (toolId === null && jobId === null) problems.push('--tool-id=ID or --job-id=J is needed');
  const idProblem = toolId === null ? null : toolIdProblem(toolId);
  if (idProblem !== null) problems.push(`--tool-id=${JSON.stringify(toolId)} ${idProblem}`);
  if (jobId === null) return problems;
  try {
    parseJobId(jobId);
  } catch (error) {
    problems.push((error as Error).message);
  }
  return problems;
}
