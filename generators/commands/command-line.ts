import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { PlatformError } from '../../contracts/errors.ts';
import { parseToolId, type ToolId } from '../../contracts/ids.ts';

/** A flag of a task and what `gulp --tasks` says about it. */
export type Flags = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly text: string }>>;

type Values<F extends Flags> = {
  readonly [K in keyof F]?: F[K]['type'] extends 'boolean' ? boolean : string;
};

// Flags that gulp takes for itself.
const GULP_FLAGS = new Set([
  'silent',
  'color',
  'no-color',
  'continue',
  'series',
  'cwd',
  'gulpfile',
  'log-level',
  'f',
  'L',
  'S',
]);

/**
 * The flags behind `gulp <task>`.
 * @throws PlatformError `usage` for an unknown flag, with the nearest name, and for a missing value
 */
export function parseFlags<F extends Flags>(task: string, argv: readonly string[], flags: F): Values<F> {
  const options = Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }]));
  const { tokens, values } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional' && token.value !== task)
      throw new PlatformError('usage', `gulp ${task}: unexpected argument ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option' || GULP_FLAGS.has(token.name)) continue;
    const flag = flags[token.name];
    if (flag === undefined)
      throw new PlatformError(
        'usage',
        `gulp ${task}: unknown flag ${token.rawName}. Did you mean --${closest(token.name, Object.keys(flags))}?`,
      );
    if (flag.type === 'string' && (token.value === undefined || token.value === ''))
      throw new PlatformError('usage', `gulp ${task}: ${token.rawName} needs a value: ${flag.text}`);
  }
  return values as Values<F>;
}

/** @throws PlatformError `usage` without an id, or with one that cannot be a tool's */
export function requireToolId(task: string, value: string | undefined): ToolId {
  if (value === undefined) throw new PlatformError('usage', `gulp ${task}: --tool-id=ID is needed`);
  try {
    return parseToolId(value);
  } catch (error) {
    throw new PlatformError('usage', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
