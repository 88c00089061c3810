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
    oneOf: ['compose'],
    reserved: ['kubernetes', 'swarm', 'external'],
    text: 'compose (default)',
  },
  cutover: {
    type: 'string',
    oneOf: ['auto', ...CUTOVERS],
    reserved: ['live'],
    text: 'auto (default) or fenced',
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

/** @throws PlatformError `usage` with every problem, or `not-supported` for flags that exclude each other. */
export function parseExportCommand(argv: readonly string[]): ExportCommand {
  const flags = parseFlags('export', argv, EXPORT_FLAGS);
  const { cutover = 'auto', runtime = 'auto', replicas = 1 } = flags;
  if (runtime === 'local' && replicas > 1)
    throw new PlatformError(
      'not-supported',
      `--replicas=${replicas} with --runtime=local is not supported. Use --runtime=docker, or leave --replicas out.`,
    );
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
