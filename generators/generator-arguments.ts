import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readArguments, type Flags, type FlagValues } from '../contracts/command-line.ts';
import { PlatformError } from '../contracts/errors.ts';

/** Flags of every generator, with the same meaning in each. */
export const GENERATOR_FLAGS = {
  answers: { type: 'string', value: 'FILE', text: 'JSON file with all of these; flags take precedence' },
  yes: { type: 'boolean', short: 'y', text: 'Ask nothing and accept the suggestions' },
  'dry-run': {
    type: 'boolean',
    text: 'Print the files as a diff for git apply, and write nothing',
  },
  force: { type: 'boolean', text: 'Overwrite files that differ' },
  help: { type: 'boolean', short: 'h', text: 'Show this text' },
} as const;

const boolean = { type: 'boolean' } as const;

/** Flags of `yo` itself. */
const YO_FLAGS = {
  'skip-cache': boolean,
  'skip-install': boolean,
  'force-install': boolean,
  'ask-answered': boolean,
  'local-only': boolean,
  'no-color': boolean,
  debug: boolean,
  'no-insight': boolean,
};

/**
 * Reads the arguments of a generator: its flags and at most one other word.
 *
 * @param command how the generator is called, such as `npx create-tool`
 * @param one what the word names, such as `tool`
 * @throws PlatformError `usage` for an unknown flag (with the nearest name), a wrong value, or a second word
 */
export function readGeneratorArguments<F extends Flags>(
  args: readonly string[],
  flags: F,
  { command, one }: { readonly command: string; readonly one: string },
): { readonly values: FlagValues<F>; readonly word: string | undefined } {
  const help = `See: ${command} --help`;
  const { values, positionals, unknown, problems } = readArguments(args, flags, YO_FLAGS);
  for (const { flag, nearest } of unknown)
    throw new PlatformError(
      'usage',
      `${flag} is not known. ${nearest === null ? help : `Did you mean ${nearest}?`}`,
    );
  if (problems.length > 0) throw new PlatformError('usage', `${problems.join('; ')}. ${help}`);
  const [word, ...others] = positionals;
  if (word !== undefined && others.length > 0)
    throw new PlatformError(
      'usage',
      `One ${one} at a time: ${positionals.join(', ')}. Run: ${command} ${word}`,
    );
  return { values, word };
}

/**
 * The answers of a file, which flags with a value replace.
 * @throws PlatformError `answers-invalid` for a file that is not a JSON object
 */
export function withAnswersFile(
  file: string | undefined,
  cwd: string,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { ...(file === undefined ? {} : readAnswers(file, cwd)), ...Object.fromEntries(given) };
}

function readAnswers(file: string, cwd: string): Record<string, unknown> {
  const absolute = path.resolve(cwd, file);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(absolute, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlatformError('answers-invalid', `--answers=${file}: ${reason}`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new PlatformError('answers-invalid', `--answers=${file}: must hold a JSON object`);
}
