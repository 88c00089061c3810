import { parseFlags } from '../../../contracts/command-line.ts';
import type { ToolId } from '../../../contracts/ids.ts';

export const COMPLETE_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the exported tool' },
  'dry-run': { type: 'boolean', text: 'check everything and show what would be done; change nothing' },
  'drop-source': {
    type: 'boolean',
    text: "drop the monolith's old tables, once they are archived and the archive is verified",
  },
  'remove-code': { type: 'boolean', text: 'remove tools/ID, of which git must have every file' },
  yes: { type: 'boolean', text: 'do not ask on a terminal' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;

export interface CompleteCommand {
  readonly toolId: ToolId;
  readonly dryRun: boolean;
  readonly dropSource: boolean;
  readonly removeCode: boolean;
  /** Whether to ask before the first change that cannot be undone: only on a terminal. */
  readonly ask: boolean;
  readonly json: boolean;
}

/** @throws PlatformError `usage` with every problem of the command line. */
export function parseCompleteCommand(argv: readonly string[]): CompleteCommand {
  const flags = parseFlags('complete', argv, COMPLETE_FLAGS);
  const json = flags.json ?? false;
  return {
    toolId: flags['tool-id'],
    dryRun: flags['dry-run'] ?? false,
    dropSource: flags['drop-source'] ?? false,
    removeCode: flags['remove-code'] ?? false,
    ask: flags.yes !== true && !json && process.stdin.isTTY && process.stdout.isTTY,
    json,
  };
}
