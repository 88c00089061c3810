import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseFlags, usage, type FlagValues } from '../../../contracts/command-line.ts';
import { parseTableList, type TableName } from '../../../extraction/index.ts';
import { EXTRACT_FLAGS } from './extract-flags.ts';

export interface ExtractArguments {
  readonly source: string;
  readonly target: string;
  readonly tables: readonly TableName[];
  readonly dryRun: boolean;
  readonly severIncoming: boolean;
  readonly jobs: number;
  readonly json: boolean;
  /** `null` without `--follow`. */
  readonly follow: FollowArguments | null;
  /** Ends a killed run of `--follow` instead. */
  readonly cleanUp: boolean;
}

export interface FollowArguments {
  /** Switches as soon as the lag is small. */
  readonly switchAtOnce: boolean;
  readonly reverse: boolean;
  readonly maxPauseMs: number;
  readonly timeoutMs: number;
  /** The addresses at which each server reaches the other. */
  readonly sourceFromTarget: string;
  readonly targetFromSource: string;
}

/** Flags that mean nothing without `--follow`. */
const WITH_FOLLOW = [
  'switch',
  'reverse',
  'max-pause',
  'cutover-timeout',
  'source-from-target',
  'target-from-source',
] as const;

const fail = (...problems: readonly string[]): never => {
  throw usage('extract', problems, EXTRACT_FLAGS);
};

/**
 * Parses the command line of `gulp extract`.
 *
 * @throws PlatformError `usage`.
 */
export function parseExtractArguments(argv: readonly string[]): ExtractArguments {
  const flags = parseFlags('extract', argv, EXTRACT_FLAGS);
  const { source, target, tables, jobs = Math.min(4, Math.max(2, availableParallelism())) } = flags;
  const urls = ['source', 'target', 'source-from-target', 'target-from-source'] as const;
  const problems = urls.flatMap((flag) => urlProblem(flag, flags[flag] ?? source));
  const cleanUp = flags['clean-up'] === true;
  for (const flag of WITH_FOLLOW)
    if (flags[flag] !== undefined && flags.follow !== true && !cleanUp)
      problems.push(`--${flag} needs --follow`);
  if (cleanUp && (flags.follow === true || flags['dry-run'] === true))
    problems.push('--clean-up takes the place of --follow, and makes no dry run');
  if ((tables === undefined) === (flags['tables-file'] === undefined))
    problems.push('name the tables with --tables or with --tables-file, one of them');
  if (problems.length > 0) fail(...problems);
  if (sameDatabase(source, target)) fail('--source and --target are the same database');
  return {
    source,
    target,
    tables: parseTableList(tables ?? readList(flags['tables-file'] ?? '')),
    dryRun: flags['dry-run'] === true,
    severIncoming: flags['sever-incoming'] === true,
    jobs,
    json: flags.json === true,
    cleanUp,
    follow: flags.follow === true ? followArguments(flags) : null,
  };
}

const followArguments = (flags: FlagValues<typeof EXTRACT_FLAGS>): FollowArguments => ({
  switchAtOnce: flags.switch === true,
  reverse: flags.reverse === true,
  maxPauseMs: flags['max-pause'] ?? EXTRACT_FLAGS['max-pause'].default,
  timeoutMs: (flags['cutover-timeout'] ?? EXTRACT_FLAGS['cutover-timeout'].default) * 1_000,
  sourceFromTarget: flags['source-from-target'] ?? flags.source,
  targetFromSource: flags['target-from-source'] ?? flags.target,
});

/** The address may hold a password, so it is not repeated. */
function urlProblem(flag: string, text: string): string[] {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    return [`--${flag} must be a postgresql:// address`];
  return new URL(text).pathname.length < 2
    ? [`--${flag} names no database: postgresql://host:port/DATABASE`]
    : [];
}

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`--tables-file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sameDatabase(a: string, b: string): boolean {
  const [one, two] = [a, b].map((text) => {
    const { hostname, port, pathname, searchParams } = new URL(text);
    return JSON.stringify([hostname || 'localhost', port || '5432', pathname, searchParams.get('host')]);
  });
  return one === two;
}
