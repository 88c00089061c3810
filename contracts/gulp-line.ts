import { parseArgs } from 'node:util';
import { GULP_FLAGS } from './command-line.ts';
import { PlatformError } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** The words of a command line that gulp takes for tasks, and those that it takes for the values of flags. */
export interface GulpWords {
  readonly tasks: readonly string[];
  readonly values: readonly string[];
}

/** Reads a command line as gulp does: a word behind a flag that gulp does not know is the value of that flag. */
export function gulpWords(argv: readonly string[]): GulpWords {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(GULP_FLAGS)
        .filter(([name]) => name !== 'verbose')
        .map(([name, { type, short }]) => [
          name,
          { type: type === 'boolean' ? type : 'string', ...(short === undefined ? {} : { short }) },
        ]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const tasks: string[] = [];
  const values: string[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'positional') return;
    const before = tokens[i - 1];
    const isValue =
      before?.kind === 'option' &&
      before.inlineValue === undefined &&
      !before.name.startsWith('no-') &&
      (before.name === 'verbose' || !Object.hasOwn(GULP_FLAGS, before.name));
    (isValue ? values : tasks).push(token.value);
  });
  return { tasks, values };
}

/** Why the tasks of a command line cannot be run; `null` when all exist. gulp itself would exit with 1. */
export function unknownTask(argv: readonly string[], known: readonly string[]): PlatformError | null {
  const { tasks, values } = gulpWords(argv);
  if (tasks.length === 0) return known.includes('default') ? null : missingTask(argv, values, known);
  const unknown = tasks.find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  const nearest = nearestName(unknown, known);
  const hint = nearest === null ? '' : ` Did you mean "${nearest}"?`;
  return new PlatformError(
    'usage',
    `There is no task ${JSON.stringify(unknown)}.${hint} See them all with: npx gulp --help`,
  );
}

function missingTask(
  argv: readonly string[],
  values: readonly string[],
  known: readonly string[],
): PlatformError {
  const task = values.find((word) => known.includes(word));
  if (task === undefined)
    return new PlatformError('usage', 'A task is missing. See them all with: npx gulp --help');
  const flags = argv.filter((word) => word !== task);
  return new PlatformError(
    'usage',
    `The task stands before its flags. Run: npx gulp ${[task, ...flags].join(' ')}`,
  );
}
