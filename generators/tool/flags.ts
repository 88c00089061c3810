import { PlatformError } from '../../contracts/errors.ts';
import { GENERATOR_FLAGS, readGeneratorArguments, withAnswersFile } from '../generator-arguments.ts';
import type { PartialAnswers } from './answers.ts';
import { TOOL_STATUSES } from '../../contracts/manifest.ts';
import { FIELD_TYPES } from './field-types.ts';
import { parseResource, ResourceTextError } from './resource-text.ts';

const { help, ...ofGenerators } = GENERATOR_FLAGS;

/** What the command line of the generator may hold besides the tool's id. */
export const FLAGS = {
  name: { type: 'string', value: 'TEXT', text: 'Tool name' },
  description: { type: 'string', value: 'TEXT', text: 'Description' },
  'tool-version': { type: 'string', value: 'VERSION', text: 'Initial version, such as 1.0.0' },
  status: { type: 'string', value: TOOL_STATUSES.join('|'), text: 'Stage of its life' },
  owner: { type: 'string', value: 'TEXT', text: 'Team or person to ask' },
  resource: {
    type: 'string',
    multiple: true,
    value: 'SPEC',
    text: `Data that the tool stores
SPEC is name:field[:type][:option]..., such as
item:name:string,quantity:integer,dueOn:date,ownerId:uuid:references=owner
Types: ${Object.keys(FIELD_TYPES).join(', ')}
Options: required, unique, references=<resource>`,
  },
  ...ofGenerators,
  'no-register': { type: 'boolean', text: 'Do not register the tool' },
  help,
} as const;

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

/**
 * Reads the arguments behind `create-tool` or `yo platform:tool`.
 * @throws PlatformError `usage` for an unknown flag (with the nearest name), `answers-invalid` for an unusable file
 */
export function parseCommandLine(args: readonly string[], cwd: string): CommandLine {
  const { values, word } = readGeneratorArguments(args, FLAGS, { command: 'npx create-tool', one: 'tool' });
  const given = withAnswersFile(values.answers, cwd, {
    id: word,
    name: values.name,
    description: values.description,
    version: values['tool-version'],
    status: values.status,
    owner: values.owner,
    resources: values.resource === undefined ? undefined : resourcesOf(values.resource),
  });
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
