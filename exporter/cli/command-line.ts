import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import { PlatformError } from '../../contracts/errors.ts';

/** One flag of a task. The text is what `gulp --tasks` and usage errors show. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly text: string;
}
export type Flags = Readonly<Record<string, Flag>>;

export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]?: F[K]['type'] extends 'boolean' ? boolean : string;
};

/** Flags that belong to gulp itself; it takes any others without a word, so refusing those is up to us. */
const GULP_FLAGS = [
  'cwd', 'gulpfile', 'silent', 'continue', 'series', 'color', 'no-color', 'log-level', 'preload', 'require', 'f', 'L', 'S',
]; // prettier-ignore

/**
 * The flags of `task`, from the command line of `gulp <task> ...`.
 * @throws PlatformError `usage` naming every unknown flag, each with its nearest relative, and every missing value.
 */
export function parseFlags<F extends Flags>(task: string, argv: readonly string[], flags: F): FlagValues<F> {
  const options = Object.fromEntries([
    ...Object.entries(flags).map(([name, flag]) => [name, { type: flag.type }] as const),
    ...GULP_FLAGS.filter((name) => name.length > 1).map((name) => [name, { type: gulpType(name) }] as const),
  ]);
  const { tokens, values } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional' && token.value !== task)
      problems.push(`unexpected argument ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option' || GULP_FLAGS.includes(token.name)) continue;
    const flag = flags[token.name];
    if (flag === undefined)
      problems.push(`unknown flag ${token.rawName}${suggest(token.name, Object.keys(flags))}`);
    else if (flag.type === 'string' && (token.value === undefined || token.value === ''))
      problems.push(`${token.rawName} needs a value: ${flag.text}`);
    else if (flag.type === 'boolean' && token.value !== undefined)
      problems.push(`${token.rawName} takes no value`);
  }
  if (problems.length > 0) throw usage(task, problems, flags);
  return values as FlagValues<F>;
}

function gulpType(name: string): 'string' | 'boolean' {
  return ['cwd', 'gulpfile', 'log-level', 'preload', 'require'].includes(name) ? 'string' : 'boolean';
}

/** A usage error that ends with the flags of the task. */
export function usage(task: string, problems: readonly string[], flags: Flags): PlatformError {
  const width = Math.max(...Object.keys(flags).map((f) => f.length));
  const list = Object.entries(flags).map(([name, flag]) => `  --${name.padEnd(width)}  ${flag.text}`);
  return new PlatformError('usage', `gulp ${task}: ${problems.join('; ')}.\nFlags:\n${list.join('\n')}`);
}

/** ` (did you mean --x?)`, or nothing when no name is near. */
function suggest(name: string, names: readonly string[]): string {
  const nearest = names.length > 0 ? closest(name, names) : '';
  return nearest !== '' && distance(name, nearest) <= 3 ? ` (did you mean --${nearest}?)` : '';
}

/**
 * Why a task name on the command line cannot be run, with the nearest name; `null` when gulp knows them all. gulp itself
 * would end with code 1.
 */
export function unknownTask(argv: readonly string[], tasks: readonly string[]): PlatformError | null {
  const { positionals } = parseArgs({
    args: argv.map((a) => (a.startsWith('--') ? (a.split('=')[0] ?? a) : a)),
    strict: false,
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !tasks.includes(name));
  if (unknown === undefined) return null;
  const nearest = closest(unknown, [...tasks]);
  const hint = distance(unknown, nearest) <= 4 ? ` Did you mean "${nearest}"?` : '';
  return new PlatformError(
    'usage',
    `There is no task ${JSON.stringify(unknown)}.${hint} See them all with: npx gulp --tasks`,
  );
}
