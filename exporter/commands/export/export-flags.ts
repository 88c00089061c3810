import { parseFlags } from '../../../contracts/command-line.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import { CUTOVERS, RUNTIMES } from '../../../contracts/plan.ts';
import type { ExportRequest } from '../../core/facts.ts';

export const EXPORT_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'id of the tool to export (required)' },
  'dry-run': { type: 'boolean', text: 'run every check and print the plan; change nothing' },
  runtime: {
    type: 'string',
    oneOf: ['auto', ...RUNTIMES],
    text: 'auto (default), docker or local',
  },
  target: {
    type: 'string',
    oneOf: ['compose', 'kubernetes', 'swarm'],
    text: 'compose (default); kubernetes and swarm are not supported yet',
  },
  cutover: {
    type: 'string',
    oneOf: ['auto', ...CUTOVERS],
    text: 'auto (default) or fenced; live is not supported yet',
  },
  port: {
    type: 'number',
    max: 65_535,
    text: 'port of the service (default: the first free port from 3004 up)',
  },
  replicas: { type: 'number', max: 50, text: 'number of instances behind the gateway (docker runtime)' },
  resume: { type: 'boolean', text: 'resume an interrupted export' },
  'sever-incoming': { type: 'boolean', text: 'accept that foreign keys from other tables are lost' },
  'allow-dirty': {
    type: 'boolean',
    text: 'refuse uncommitted changes only in files that the export reads or writes',
  },
  'keep-edits': { type: 'boolean', text: 'merge edits made by hand to the output of an earlier export' },
  'job-id': { type: 'job-id', value: 'ID', text: 'run a job that the API has accepted' },
  json: { type: 'boolean', text: 'print one JSON document (use with --silent)' },
} as const;

export interface ExportCommand {
  readonly request: ExportRequest;
  readonly resume: boolean;
  readonly json: boolean;
  /** A job that exists already. */
  readonly jobId: string | null;
}

/** @throws PlatformError `usage` with every problem, or `not-supported` for a reserved value. */
export function parseExportCommand(argv: readonly string[]): ExportCommand {
  const flags = parseFlags('export', argv, EXPORT_FLAGS);
  const { cutover = 'auto', runtime = 'auto', replicas = 1 } = flags;
  refuseUnsupported({ target: flags.target ?? 'compose', cutover, runtime, replicas });
  const request: ExportRequest = {
    toolId: flags['tool-id'],
    dryRun: flags['dry-run'] ?? false,
    runtime,
    cutover,
    port: flags.port ?? null,
    replicas,
    severIncoming: flags['sever-incoming'] ?? false,
    allowDirty: flags['allow-dirty'] ?? false,
    keepEdits: flags['keep-edits'] ?? false,
  };
  return {
    request,
    resume: flags.resume ?? false,
    json: flags.json ?? false,
    jobId: flags['job-id'] ?? null,
  };
}

function refuseUnsupported(flags: {
  readonly target: string;
  readonly cutover: string;
  readonly runtime: string;
  readonly replicas: number;
}): void {
  const { target, cutover, runtime, replicas } = flags;
  if (target !== 'compose') throw notYet(`--target=${target}`, '--target=compose');
  if (cutover === 'live') throw notYet('--cutover=live', '--cutover=fenced');
  if (runtime === 'local' && replicas > 1)
    throw notYet(`--replicas=${replicas} with --runtime=local`, '--runtime=docker');
}

function notYet(flag: string, instead: string): PlatformError {
  return new PlatformError(
    'not-supported',
    `${flag} is not supported yet. Use ${instead}, or leave the flag out.`,
  );
}
