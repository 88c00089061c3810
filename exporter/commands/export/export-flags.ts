import { parseFlags } from '../../../contracts/command-line.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import { CUTOVERS, RUNTIMES } from '../../../contracts/plan.ts';
import type { ExportRequest } from '../../core/facts.ts';

export const EXPORT_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the tool to export' },
  'dry-run': { type: 'boolean', text: 'run every check and print the plan; change nothing' },
  runtime: {
    type: 'string',
    oneOf: ['auto', ...RUNTIMES],
    default: 'auto',
    text: 'docker: into containers; local: a process on this machine; auto: containers if Docker is ready',
  },
  target: {
    type: 'string',
    oneOf: ['compose'],
    reserved: ['kubernetes', 'swarm', 'external'],
    default: 'compose',
    text: 'the entry that is written for the service',
  },
  cutover: {
    type: 'string',
    oneOf: ['auto', ...CUTOVERS],
    default: 'auto',
    text: 'live: writes go on until the switch; fenced: they are refused from the copy on; auto: live where possible',
  },
  'max-pause': {
    type: 'number',
    value: 'MS',
    max: 60_000,
    default: 1_000,
    text: 'longest time that writes may wait in a live cut-over',
  },
  'cutover-timeout': {
    type: 'number',
    value: 'SECONDS',
    max: 86_400,
    default: 600,
    text: 'time after which a live cut-over is not tried again',
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
    text: 'JSON pointer of a field that may differ then, such as /data/*/updatedAt',
  },
  port: {
    type: 'number',
    max: 65_535,
    default: 'the first free port from 3004 up',
    text: 'port of the service',
  },
  replicas: {
    type: 'number',
    max: 50,
    default: 1,
    text: 'number of instances behind the gateway (docker runtime)',
  },
  resume: { type: 'boolean', text: 'resume an interrupted export' },
  'sever-incoming': { type: 'boolean', text: 'accept that foreign keys from other tables are lost' },
  'allow-dirty': {
    type: 'boolean',
    text: 'refuse uncommitted changes only in files that the export reads or writes',
  },
  'keep-edits': { type: 'boolean', text: 'merge edits made by hand to the output of an earlier export' },
  'job-id': { type: 'job-id', value: 'ID', text: 'run a job that the API has accepted' },
  json: { type: 'boolean', text: 'print one JSON document' },
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
  const {
    cutover = EXPORT_FLAGS.cutover.default,
    runtime = EXPORT_FLAGS.runtime.default,
    replicas = EXPORT_FLAGS.replicas.default,
  } = flags;
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
    maxPauseMs: flags['max-pause'] ?? EXPORT_FLAGS['max-pause'].default,
    cutoverTimeoutMs: (flags['cutover-timeout'] ?? EXPORT_FLAGS['cutover-timeout'].default) * 1_000,
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
