import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { PlatformError } from '../../contracts/errors.ts';
import type { PartialAnswers } from './answers.ts';
import { parseResource, ResourceTextError } from './resource-text.ts';

/** What the command line of the generator may hold besides the tool's id. */
export const FLAGS = {
  name: { type: 'string' },
  description: { type: 'string' },
  'tool-version': { type: 'string' },
  status: { type: 'string' },
  owner: { type: 'string' },
  resource: { type: 'string', multiple: true },
  answers: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
  'no-register': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** Flags that `yo` takes for itself. */
const YO_FLAGS = [
  'skip-cache',
  'skip-install',
  'force-install',
  'ask-answered',
  'local-only',
  'no-color',
  'debug',
  'no-insight',
];

export interface CommandLine {
  /** What was given, from `--answers` and the flags; a flag wins. */
  readonly given: PartialAnswers;
  /** Take the suggestion for everything that was not given. */
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly register: boolean;
  readonly help: boolean;
}

/**
 * Reads the arguments behind `create-tool` or `yo platform:tool`.
 * @throws PlatformError `usage` for an unknown flag (with the nearest name), `answers-invalid` for an unusable file
 */
export function parseCommandLine(args: readonly string[], cwd: string): CommandLine {
  refuseUnknown(args);
  const { values, positionals } = parsed(args);
  if (positionals.length > 1)
    throw new PlatformError(
      'usage',
      `One tool at a time: ${positionals.join(', ')}. Run: npx create-tool ${String(positionals[0])}`,
    );
  const file = values.answers === undefined ? {} : readAnswers(values.answers, cwd);
  const given: Record<string, unknown> = {
    ...file,
    ...defined({
      id: positionals[0],
      name: values.name,
      description: values.description,
      version: values['tool-version'],
      status: values.status,
      owner: values.owner,
      resources: values.resource === undefined ? undefined : resourcesOf(values.resource),
    }),
  };
  return {
    given,
    yes: values.yes === true,
    dryRun: values['dry-run'] === true,
    force: values.force === true,
    register: values['no-register'] !== true,
    help: values.help === true,
  };
}

/** The flag that asks for an answer, as its user would type it. */
export const flagOf = (answer: string): string =>
  ({ id: '<id>', version: '--tool-version', resources: '--resource' })[answer] ?? `--${answer}`;

function parsed(args: readonly string[]) {
  try {
    const own = args.filter((arg) => !YO_FLAGS.some((flag) => arg === `--${flag}`));
    return parseArgs({ args: own, options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('.')[0] ?? '') : String(error);
    throw new PlatformError('usage', `${reason}. See: npx create-tool --help`, { cause: error });
  }
}

function refuseUnknown(args: readonly string[]): void {
  const { tokens } = parseArgs({
    args: [...args],
    options: FLAGS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name in FLAGS || YO_FLAGS.includes(token.name)) continue;
    const nearest = closest(token.name, Object.keys(FLAGS));
    throw new PlatformError('usage', `${token.rawName} is not known. Did you mean --${nearest}?`);
  }
}

function resourcesOf(texts: readonly string[]): unknown[] {
  try {
    return texts.map(parseResource);
  } catch (error) {
    if (!(error instanceof ResourceTextError)) throw error;
    throw new PlatformError('answers-invalid', error.message, { cause: error });
  }
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

function defined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
