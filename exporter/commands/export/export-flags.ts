import { PlatformError } from '../../../contracts/errors.ts';
import { parseJobId, toolIdProblem } from '../../../contracts/ids.ts';
import { CUTOVERS, RUNTIMES } from '../../../contracts/plan.ts';
import { parseFlags, usage } from '../../cli/command-line.ts';
import type { ExportRequest } from '../../core/facts.ts';

export const EXPORT_FLAGS = {
  'tool-id': { type: 'string', text: 'id of the tool to export (required)' },
  'dry-run': { type: 'boolean', text: 'run every check and print the plan; change nothing' },
  runtime: { type: 'string', text: 'auto (default), docker or local' },
  target: { type: 'string', text: 'compose (default); kubernetes and swarm are not supported yet' },
  cutover: { type: 'string', text: 'auto (default) or fenced; live is not supported yet' },
  port: { type: 'string', text: 'port of the service; without it the first free one from 3004 up' },
  replicas: { type: 'string', text: 'number of instances behind the gateway (docker runtime)' },
  resume: { type: 'boolean', text: 'go on with an export that was interrupted' },
  'sever-incoming': { type: 'boolean', text: 'accept that foreign keys from other tables are lost' },
  'allow-dirty': { type: 'boolean', text: 'refuse uncommitted changes only in what the export touches' },
  'keep-edits': { type: 'boolean', text: 'merge edits made by hand to the output of an earlier export' },
  'job-id': { type: 'string', text: 'carry out a job that the API has accepted' },
  json: { type: 'boolean', text: 'print one JSON document (use with --silent)' },
} as const;

export interface ExportCommand {
  readonly request: ExportRequest;
  readonly resume: boolean;
  readonly json: boolean;
  /** A job that exists already. */
  readonly jobId: string | null;
}

/**
 * @throws PlatformError `usage` with every problem, or `not-supported` for what comes with later work.
 */
export function parseExportCommand(argv: readonly string[]): ExportCommand {
  const flags = parseFlags('export', argv, EXPORT_FLAGS);
  const problems: string[] = [];
  const oneOf = <T extends string>(name: keyof typeof EXPORT_FLAGS, values: readonly T[], fallback: T): T => {
    const value = flags[name];
    if (value === undefined) return fallback;
    if ((values as readonly unknown[]).includes(value)) return value as T;
    problems.push(`--${name}=${value} must be one of ${values.join(', ')}`);
    return fallback;
  };
  const count = (name: 'port' | 'replicas', max: number): number | null => {
    const text = flags[name];
    if (text === undefined) return null;
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    problems.push(`--${name}=${text} must be a whole number from 1 to ${max}`);
    return null;
  };
  const toolId = flags['tool-id'] ?? '';
  const idProblem = toolIdProblem(toolId);
  if (toolId === '') problems.push('--tool-id=ID is needed');
  else if (idProblem !== null) problems.push(`--tool-id=${JSON.stringify(toolId)} ${idProblem}`);
  const jobId = flags['job-id'] === undefined ? null : jobIdOf(flags['job-id'], problems);
  const target = oneOf('target', ['compose', 'kubernetes', 'swarm'], 'compose');
  const cutover = oneOf('cutover', ['auto', ...CUTOVERS], 'auto');
  const request: ExportRequest = {
    toolId,
    dryRun: flags['dry-run'] ?? false,
    runtime: oneOf('runtime', ['auto', ...RUNTIMES], 'auto'),
    cutover,
    port: count('port', 65_535),
    replicas: count('replicas', 50) ?? 1,
    severIncoming: flags['sever-incoming'] ?? false,
    allowDirty: flags['allow-dirty'] ?? false,
    keepEdits: flags['keep-edits'] ?? false,
  };
  if (problems.length > 0) throw usage('export', problems, EXPORT_FLAGS);
  if (target !== 'compose') throw notYet(`--target=${target}`, '--target=compose');
  if (cutover === 'live') throw notYet('--cutover=live', '--cutover=fenced');
  if (request.runtime === 'local' && request.replicas > 1)
    throw notYet(`--replicas=${request.replicas} with --runtime=local`, '--runtime=docker');
  return { request, resume: flags.resume ?? false, json: flags.json ?? false, jobId };
}

function jobIdOf(text: string, problems: string[]): string | null {
  try {
    return parseJobId(text);
  } catch (error) {
    problems.push((error as Error).message);
    return null;
  }
}

function notYet(flag: string, instead: string): PlatformError {
  return new PlatformError(
    'not-supported',
    `${flag} is not supported yet. Use ${instead}, or leave the flag out.`,
  );
}
