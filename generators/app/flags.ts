import { GENERATOR_FLAGS, readGeneratorArguments, withAnswersFile } from '../generator-arguments.ts';
import type { PartialAnswers } from './answers.ts';

const { help, ...ofGenerators } = GENERATOR_FLAGS;

/** What the command line of the generator may hold besides the folder. */
export const FLAGS = {
  name: { type: 'string', value: 'TEXT', text: 'Name of the workspace, for people' },
  package: {
    type: 'string',
    value: 'SPEC',
    text: 'The platform: a version, a tag, an archive (file:../platform.tgz) or an address',
  },
  example: { type: 'boolean', text: 'Add the tool inventory-tracker' },
  ...ofGenerators,
  'no-install': { type: 'boolean', text: 'Do not run npm install' },
  help,
} as const;

export const COMMAND = 'npx generator-platform app';

export interface CommandLine {
  /** As typed; `.` by default. */
  readonly folder: string;
  /** Answers from `--answers` and the flags; flags take precedence. */
  readonly given: PartialAnswers;
  /** Accept the suggestion for every answer that was not given. */
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly install: boolean;
  readonly help: boolean;
}

/**
 * Reads the arguments behind `generator-platform app` or `yo platform:app`.
 * @throws PlatformError `usage` for an unknown flag (with the nearest name), `answers-invalid` for an unusable file
 */
export function parseCommandLine(args: readonly string[], cwd: string): CommandLine {
  const { values, word } = readGeneratorArguments(args, FLAGS, { command: COMMAND, one: 'folder' });
  const { name, package: spec, example } = values;
  return {
    folder: word ?? '.',
    given: withAnswersFile(values.answers, cwd, { name, package: spec, example }),
    yes: values.yes === true,
    dryRun: values['dry-run'] === true,
    force: values.force === true,
    install: values['no-install'] !== true,
    help: values.help === true,
  };
}
