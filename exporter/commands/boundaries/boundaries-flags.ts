import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseFlags, usage } from '../../../contracts/command-line.ts';

export const BOUNDARIES_FLAGS = {
  source: { type: 'string', value: 'DIR', required: true, text: 'the source of an Express application' },
  modules: {
    type: 'string',
    value: 'GLOB',
    default: 'those of src/modules, src or the source itself',
    text: "folders below the source that are modules, such as 'src/areas/*'",
  },
  database: {
    type: 'string',
    value: 'URL',
    text: "read the application's database as well: keys, views, triggers, pg_stat_statements",
  },
  html: { type: 'string', value: 'FILE', text: 'write the report as one HTML page' },
  check: {
    type: 'boolean',
    text: 'fail on couplings that boundaries.todo.json does not list, and on stale entries',
  },
  'update-todo': { type: 'boolean', text: "write today's couplings to boundaries.todo.json in the source" },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;

export interface BoundariesOptions {
  /** Absolute path of the source. */
  readonly root: string;
  /** As given on the command line, for messages. */
  readonly source: string;
  readonly modules: string | null;
  readonly database: string | null;
  /** Absolute path of the HTML page. */
  readonly html: string | null;
  readonly check: boolean;
  readonly updateTodo: boolean;
  readonly json: boolean;
}

/**
 * The options of `gulp boundaries`. Reads no file of the source.
 * @throws PlatformError `usage` with every problem
 */
export function parseBoundariesFlags(argv: readonly string[], cwd: string): BoundariesOptions {
  const flags = parseFlags('boundaries', argv, BOUNDARIES_FLAGS);
  const root = path.resolve(cwd, flags.source);
  const html = flags.html === undefined ? null : path.resolve(cwd, flags.html);
  const problems = [
    ...(isFolder(root) ? [] : [`--source=${flags.source} is not a folder`]),
    ...(flags.modules === undefined ? [] : globProblems(flags.modules)),
    ...(flags.database === undefined ? [] : addressProblems(flags.database)),
    ...(html === null ? [] : pageProblems(html, flags.html ?? '')),
    ...(flags.check === true && flags['update-todo'] === true
      ? ['--check and --update-todo exclude each other: --update-todo would make every check pass']
      : []),
  ];
  if (problems.length > 0) throw usage('boundaries', problems, BOUNDARIES_FLAGS);
  return {
    ...{ root, html, source: flags.source },
    modules: flags.modules ?? null,
    database: flags.database ?? null,
    check: flags.check ?? false,
    updateTodo: flags['update-todo'] ?? false,
    json: flags.json ?? false,
  };
}

const isFolder = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

const globProblems = (glob: string): readonly string[] =>
  path.isAbsolute(glob) || glob.split('/').includes('..')
    ? [`--modules=${glob} must be relative to the source, without ../`]
    : [];

const addressProblems = (text: string): readonly string[] =>
  /^postgres(ql)?:\/\//.test(text) && URL.canParse(text)
    ? []
    : ['--database must be a postgresql:// address'];

function pageProblems(file: string, given: string): readonly string[] {
  if (isFolder(file)) return [`--html=${given} is a folder; name a file in it`];
  return existsSync(path.dirname(file)) ? [] : [`--html=${given}: its folder does not exist`];
}
