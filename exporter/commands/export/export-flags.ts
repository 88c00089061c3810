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
    text: 'auto (default: live where writes can go on, else fenced), fenced or live',
  },
  'max-pause': {
    type: 'number',
    value: 'MS',
    max: 60_000,
    text: 'longest time that writes may wait in a live cut-over (default: 1000)',
  },
  'cutover-timeout': {
    type: 'number',
    value: 'SECONDS',
    max: 86_400,
    text: 'time after which a live cut-over is not tried again (default: 600)',
  },
  shadow: {
    type: 'duration',
    value: 'TIME',
    text: 'time in which answers of both sides are compared before a live cut-over, such as 90s or 2h',
  },
  'shadow-ignore': {
    type: 'string',
    value: 'POINTER',
    multiple: true,
    text: 'JSON pointer of a field that may differ then, such as /data/*/updatedAt; may be repeated',
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
  for (const flag of ['max-pause', 'cutover-timeout', 'shadow', 'shadow-ignore'] as const)
    if (flags[flag] !== undefined && cutover === 'fenced')
      throw new PlatformError(
        'not-supported',
        `--${flag} with --cutover=fenced is not supported. Use --cutover=live, or leave --${flag} out.`,
      );
  const request: ExportRequest = {
    toolId: flags['tool-id'],
    dryRun: flags['dry-run'] ?? false,
    runtime,
    cutover,
    maxPauseMs: flags['max-pause'] ?? 1_000,
    cutoverTimeoutMs: (flags['cutover-timeout'] ?? 600) * 1_000,
    shadow: shadowOf(flags.shadow, flags['shadow-ignore']),
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

/** @throws PlatformError `usage` */
function shadowOf(ms: number | undefined, ignored: readonly string[] = []): ExportRequest['shadow'] {
  if (ms === undefined && ignored.length > 0)
    throw new PlatformError('usage', '--shadow-ignore needs --shadow=TIME');
  const wrong = ignored.find((pointer) => !/^(\/([^~/]|~[01])*)+$/.test(pointer));
  if (wrong !== undefined)
    throw new PlatformError(
      'usage',
      `--shadow-ignore=${wrong} is no JSON pointer: it begins with a slash, as /data/*/updatedAt does`,
    );
  return ms === undefined ? null : { ms, ignored };
}
