import { parseArgs } from 'node:util';
import { flagList, placeholderOf } from './command-help.ts';
import { PlatformError } from './errors.ts';
import type { Flag, Flags, Syntax, Types } from './flags.ts';
import { jobIdProblem, toolIdProblem } from './ids.ts';
import { nearestName } from './nearest-name.ts';

export { describeFlags, flagList } from './command-help.ts';
export type { Flag, Flags } from './flags.ts';

type ValueOf<F extends Flag> = F extends { readonly oneOf: readonly (infer V)[] } ? V : Types[F['type']];

export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]:
    | (F[K] extends { readonly multiple: true } ? readonly ValueOf<F[K]>[] : ValueOf<F[K]>)
    | (F[K] extends { readonly required: true } ? never : undefined);
};

export interface Arguments<F extends Flags> {
  readonly values: FlagValues<F>;
  readonly positionals: readonly string[];
  /** Flags that neither the command nor its host has; `nearest` is a similar name, or `null`. */
  readonly unknown: readonly { readonly flag: string; readonly nearest: string | null }[];
  /** Missing, superfluous and wrong values. */
  readonly problems: readonly string[];
}

/**
 * Reads a command line by the command's table of flags. Flags of `host`, the program that runs the command, are
 * accepted and ignored. Collects problems instead of throwing.
 */
export function readArguments<F extends Flags>(
  argv: readonly string[],
  flags: F,
  host: Syntax = {},
): Arguments<F> {
  const known: Syntax = { ...host, ...flags };
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: optionsOf(known),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values: Record<string, unknown> = {};
  const unknown: { flag: string; nearest: string | null }[] = [];
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    if (!Object.hasOwn(known, name)) unknown.push({ flag: rawName, nearest: nearestFlag(name, flags) });
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) continue;
    // `--tool-id --json` lacks a value; parseArgs would take `--json` for it
    const lacking =
      token.inlineValue === false &&
      token.value.startsWith('--') &&
      Object.hasOwn(known, token.value.slice('--'.length));
    const { value, problem } = readValue(rawName, flag, lacking ? undefined : token.value);
    if (problem !== undefined) problems.push(problem);
    const earlier = (values[name] ?? []) as readonly unknown[];
    values[name] = flag.multiple === true ? [...earlier, value] : value;
  }
  for (const [name, flag] of Object.entries(flags))
    if (flag.required === true && !Object.hasOwn(values, name))
      problems.push(`--${name}${placeholderOf(flag)} is needed`);
  return { values: values as FlagValues<F>, positionals, unknown, problems };
}

function optionsOf(known: Syntax): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  return Object.fromEntries(
    Object.entries(known).map(([name, { type, short }]) => [
      name,
      { type: type === 'boolean' ? type : 'string', ...(short === undefined ? {} : { short }) },
    ]),
  );
}

function readValue(
  name: string,
  flag: Flag,
  given: string | undefined,
): { readonly value?: unknown; readonly problem?: string } {
  if (flag.type === 'boolean')
    return given === undefined ? { value: true } : { problem: `${name} takes no value` };
  if (given === undefined || given === '') return { problem: `${name} needs a value: ${flag.text}` };
  const problem = PROBLEMS[flag.type](given, flag);
  if (problem !== null)
    return { problem: `${name}=${/^[\w.-]+$/.test(given) ? given : JSON.stringify(given)} ${problem}` };
  return {
    value: VALUES[flag.type]?.(given) ?? given,
  };
}

/** Values that are not the text itself. */
const VALUES: Partial<Record<keyof Types, (text: string) => unknown>> = {
  number: Number,
  duration: (text) => durationOf(text),
  'job-id': (text) => text.toLowerCase(),
};

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds, of one second to a week; `null` when the text is no such time. */
function durationOf(text: string): number | null {
  const [, n, unit] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  const ms = unit === undefined ? 0 : Number(n) * UNITS[unit as keyof typeof UNITS];
  return ms === 0 || ms > 7 * 24 * UNITS.h ? null : ms;
}

/** Why a text is no value of its type, or `null`. */
const PROBLEMS: Record<Exclude<keyof Types, 'boolean'>, (text: string, flag: Flag) => string | null> = {
  string: (text, { oneOf, reserved = [] }) => {
    if (oneOf === undefined || oneOf.includes(text)) return null;
    return `${reserved.includes(text) ? 'is not supported yet; it ' : ''}must be ${anyOf(oneOf)}`;
  },
  number: (text, { max = Number.MAX_SAFE_INTEGER }) =>
    Number.isInteger(Number(text)) && Number(text) >= 1 && Number(text) <= max
      ? null
      : `must be a whole number from 1 to ${max}`,
  duration: (text) => (durationOf(text) === null ? 'must be a time such as 90s, 10m or 2h' : null),
  'tool-id': toolIdProblem,
  'job-id': jobIdProblem,
};

const anyOf = (words: readonly string[]): string =>
  words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`;

function nearestFlag(name: string, flags: Flags): string | null {
  const nearest = nearestName(name, Object.keys(flags));
  return nearest === null ? null : `--${nearest}`;
}

/** Flags of every gulp task. gulp ignores all others, so the commands refuse unknown ones. */
export const GULP_FLAGS: Syntax = {
  cwd: { type: 'string' },
  gulpfile: { type: 'string', short: 'f' },
  'log-level': { type: 'boolean', short: 'L' },
  preload: { type: 'string' },
  require: { type: 'string' },
  silent: { type: 'boolean', short: 'S' },
  continue: { type: 'boolean' },
  series: { type: 'boolean' },
  color: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  tasks: { type: 'boolean', short: 'T' },
  // Of this platform: shows the log lines of gulp
  verbose: { type: 'boolean' },
};

/**
 * The flags of a gulp task, from the command line of `gulp <task> ...`.
 * @throws PlatformError `usage` with every problem, the nearest name of each unknown flag, and the task's flags
 */
export function parseFlags<F extends Flags>(task: string, argv: readonly string[], flags: F): FlagValues<F> {
  const { positionals, ...read } = readArguments(argv, flags, GULP_FLAGS);
  return valuesOf(`gulp ${task}`, flags, {
    ...read,
    positionals: positionals.filter((word) => word !== task),
  });
}

/**
 * The flags of a program of this repository that takes no other words.
 * @throws PlatformError `usage`, as {@link parseFlags}
 */
export function parseProgramFlags<const F extends Flags>(
  program: string,
  argv: readonly string[],
  flags: F,
): FlagValues<F> {
  return valuesOf(program, flags, readArguments(argv, flags));
}

function valuesOf<F extends Flags>(command: string, flags: F, read: Arguments<F>): FlagValues<F> {
  const problems = [
    ...read.unknown.map(
      ({ flag, nearest }) => `unknown flag ${flag}${nearest === null ? '' : ` (did you mean ${nearest}?)`}`,
    ),
    ...read.problems,
    ...read.positionals.map((word) => `unexpected argument ${JSON.stringify(word)}`),
  ];
  if (problems.length > 0) throw commandUsage(command, problems, flags);
  return read.values;
}

/** A usage error of a gulp task, followed by its flags. */
export const usage = (task: string, problems: readonly string[], flags: Flags): PlatformError =>
  commandUsage(`gulp ${task}`, problems, flags);

export function commandUsage(command: string, problems: readonly string[], flags: Flags): PlatformError {
  const list = Object.keys(flags).length === 0 ? '' : `\nFlags:\n${flagList(flags)}`;
  return new PlatformError('usage', `${command}: ${problems.join('; ')}.${list}`);
}
