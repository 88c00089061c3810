import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readArguments } from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { PartialAnswers } from './answers.ts';
import { FIELD_TYPES } from './field-types.ts';
import { parseResource, ResourceTextError } from './resource-text.ts';

/** What the command line of the generator may hold besides the tool's id. */
export const FLAGS = {
  name: { type: 'string', value: 'TEXT', text: 'Tool name' },
  description: { type: 'string', value: 'TEXT', text: 'Description' },
  'tool-version': { type: 'string', value: '1.0.0', text: 'Initial version' },
  status: { type: 'string', value: 'beta', text: 'alpha, beta, active or deprecated' },
  owner: { type: 'string', value: 'TEXT', text: 'Team or person to ask' },
  resource: {
    type: 'string',
    multiple: true,
    value: 'SPEC',
    text: `Data that the tool stores; may be repeated. SPEC is name:field[:type][:option]..., such as
item:name:string,quantity:integer,dueOn:date,ownerId:uuid:references=owner
Types: ${Object.keys(FIELD_TYPES).join(', ')}
Options: required, unique, references=<resource>`,
  },
  answers: { type: 'string', value: 'FILE', text: 'JSON file with all of these; flags take precedence' },
  yes: { type: 'boolean', short: 'y', text: 'Ask nothing and accept the suggestions' },
  'dry-run': {
    type: 'boolean',
    text: 'Print the files as a diff for git apply, and write nothing',
  },
  force: { type: 'boolean', text: 'Overwrite files that differ' },
  'no-register': { type: 'boolean', text: 'Do not register the tool' },
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

export interface CommandLine {
  /** Answers from `--answers` and the flags; flags take precedence. */
  readonly given: PartialAnswers;
  /** Accept the suggestion for every answer that was not given. */
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly register: boolean;
  readonly help: boolean;
}

const HELP = 'See: npx create-tool --help';

/**
 * Reads the arguments behind `create-tool` or `yo platform:tool`.
 * @throws PlatformError `usage` for an unknown flag (with the nearest name), `answers-invalid` for an unusable file
 */
export function parseCommandLine(args: readonly string[], cwd: string): CommandLine {
  const { values, positionals, unknown, problems } = readArguments(args, FLAGS, YO_FLAGS);
  for (const { flag, nearest } of unknown)
    throw new PlatformError(
      'usage',
      `${flag} is not known. ${nearest === null ? HELP : `Did you mean ${nearest}?`}`,
    );
  if (problems.length > 0) throw new PlatformError('usage', `${problems.join('; ')}. ${HELP}`);
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
