import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { PlatformError } from '../../../contracts/errors.ts';
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

const OPTIONS = {
  source: { type: 'string' },
  target: { type: 'string' },
  tables: { type: 'string' },
  'tables-file': { type: 'string' },
  'dry-run': { type: 'boolean' },
  'sever-incoming': { type: 'boolean' },
  jobs: { type: 'string' },
  json: { type: 'boolean' },
  // gulp's own
  silent: { type: 'boolean' },
  series: { type: 'boolean' },
  continue: { type: 'boolean' },
  color: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  gulpfile: { type: 'string' },
  cwd: { type: 'string' },
} as const;

const fail = (message: string): never => {
  throw new PlatformError('usage', message);
};

/**
 * Parses the command line of `gulp extract`. Positional words are task names and are passed over.
 *
 * @throws PlatformError `usage`.
 */
export function parseExtractArguments(argv: readonly string[]): ExtractArguments {
  for (const word of argv) {
    const name = /^--([^=]+)/.exec(word)?.[1];
    if (name === undefined || name in OPTIONS) continue;
    const near = Object.keys(OPTIONS).sort((a, b) => distance(a, name) - distance(b, name))[0] ?? '';
    fail(`Unknown flag --${name}. Did you mean --${near}?`);
  }
  const { values } = parse(argv);
  const url = (flag: 'source' | 'target'): string => {
    const text = values[flag] ?? fail(`--${flag}=URL is missing: a postgresql:// address.`);
    if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
      fail(`--${flag} must be a postgresql:// address.`);
    if (new URL(text).pathname.length < 2)
      fail(`--${flag} names no database: postgresql://host:port/DATABASE`);
    return text;
  };
  if ((values.tables === undefined) === (values['tables-file'] === undefined))
    fail('Name the tables with --tables or with --tables-file, one of them.');
  const jobs =
    values.jobs === undefined ? Math.min(4, Math.max(2, availableParallelism())) : Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64) fail('--jobs must be a number from 1 to 64.');
  const source = url('source');
  const target = url('target');
  if (sameDatabase(source, target)) fail('--source and --target are the same database.');
  return {
    source,
    target,
    tables: parseTableList(values.tables ?? readList(values['tables-file'] ?? '')),
    dryRun: values['dry-run'] === true,
    severIncoming: values['sever-incoming'] === true,
    jobs,
    json: values.json === true,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`--tables-file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sameDatabase(a: string, b: string): boolean {
  const [one, two] = [new URL(a), new URL(b)];
  const at = (url: URL): string => `${url.hostname || 'localhost'}:${url.port || '5432'}${url.pathname}${url.searchParams.get('host') ?? ''}`; // prettier-ignore
  return at(one) === at(two);
}
