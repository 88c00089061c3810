import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseFlags, usage } from '../../../contracts/command-line.ts';
import { parseTableList, type TableName } from '../../../extraction/index.ts';

export interface ExtractArguments {
  readonly source: string;
  readonly target: string;
  readonly tables: readonly TableName[];
  readonly dryRun: boolean;
  readonly severIncoming: boolean;
  readonly jobs: number;
  readonly json: boolean;
}

export const EXTRACT_FLAGS = {
  source: { type: 'string', value: 'URL', required: true, text: 'URL of the database to read' },
  target: {
    type: 'string',
    value: 'URL',
    required: true,
    text: 'URL of the database to write; created if it does not exist',
  },
  tables: { type: 'string', text: 'tables to copy, as SQL identifiers: a,"B",s.c' },
  'tables-file': { type: 'string', text: 'file with the tables to copy, one SQL identifier per line' },
  'dry-run': { type: 'boolean', text: 'print the findings and the plan; change nothing' },
  'sever-incoming': {
    type: 'boolean',
    text: 'accept that foreign keys from other tables are lost',
  },
  jobs: { type: 'number', max: 64, text: 'number of connections that copy in parallel' },
  json: { type: 'boolean', text: 'print one JSON document (use with --silent)' },
} as const;

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
  const problems = (['source', 'target'] as const).flatMap((flag) => urlProblem(flag, flags[flag]));
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
  };
}

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
