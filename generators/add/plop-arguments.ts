import { columns, helpText } from '../../contracts/command-help.ts';
import { readArguments } from '../../contracts/command-line.ts';
import { nearestName } from '../../contracts/nearest-name.ts';
import { KINDS, type Kind } from './kinds.ts';

const FLAGS = {
  tool: { type: 'string', value: 'ID', text: 'the tool; the same as the first word behind the kind' },
  name: { type: 'string', value: 'NAME', text: 'name of the part; the same as the second word' },
  'dry-run': { type: 'boolean', text: 'print the files as a diff and write none' },
  force: { type: 'boolean', short: 'f', text: 'overwrite existing files' },
  help: { type: 'boolean', short: 'h', text: 'show this text' },
  version: { type: 'boolean', short: 'v', text: 'show the version of plop' },
} as const;

/** Flags of plop itself. */
const PLOP_FLAGS = {
  progress: { type: 'boolean' },
  'no-progress': { type: 'boolean' },
  'show-type-names': { type: 'boolean', short: 't' },
  plopfile: { type: 'string' },
  preload: { type: 'string' },
  dest: { type: 'string' },
  cwd: { type: 'string' },
} as const;

/** What `npx plop <kind>` adds. */
export const ABOUT: Record<Kind, string> = {
  controller: 'a controller with its mounted route, manifest entry and HTTP test',
  service: 'a service with its unit test',
  repository: 'a repository with its test against PostgreSQL',
  validator: 'a validator with its unit test',
  component: 'an Angular component with its lazy route and a test of that route',
  migration: 'a numbered migration, up and down',
  seed: 'an idempotent seed',
  resource: 'a resource: table, API, screens and tests',
};

/** A valid command line. */
export interface PlopAnswers {
  /** Missing answers are prompted for. */
  readonly tool: string | undefined;
  readonly name: string | undefined;
  readonly dryRun: boolean;
}

/** A command line of plop: why it is not valid, the help that it asks for, or its answers. */
export type PlopLine = { readonly problem: string } | { readonly help: string } | PlopAnswers;

/**
 * Reads the command line of plop. plop silently passes unknown flags on, so a mistyped `--dry-run` would write; without a
 * terminal it waits forever for answers; and it takes the values of flags for words, in their order.
 */
export function readPlopLine(argv: readonly string[], interactive: boolean): PlopLine {
  // `plop kind -- --name x` is the same as `plop kind --name x`
  const args = argv.filter((arg) => arg !== '--');
  const { values, positionals, unknown, problems } = readArguments(args, FLAGS, PLOP_FLAGS);
  const [kind, ...words] = positionals;
  if (values.help === true || kind === 'help') return { help: plopHelp(kind === 'help' ? words[0] : kind) };
  // plop takes `_` for an answer that is left out
  const rest = words.map((word) => (/^_+$/.test(word) ? undefined : word));
  const tool = values.tool ?? rest.shift();
  const name = values.name ?? rest.shift();
  const answers = { tool, name, dryRun: values['dry-run'] === true };
  if (values.version === true) return answers;
  const [wrong] = [...unknown.map(unknownFlag), ...(problems.length > 0 ? [`${problems.join('; ')}.`] : [])];
  const problem = wrong ?? wordsProblem(kind, rest.length > 0 ? words : []);
  if (problem !== null) return { problem };
  if (interactive || (kind !== undefined && tool !== undefined && name !== undefined)) return answers;
  return {
    problem: `Answers are missing and there is no terminal to prompt on. Run: ${lineOf(kind, tool, name)}; see: npx plop help`,
  };
}

const unknownFlag = ({ flag, nearest }: { readonly flag: string; readonly nearest: string | null }): string =>
  `${flag} is not a known flag. ${nearest === null ? 'See: npx plop help' : `Did you mean ${nearest}?`}`;

const lineOf = (kind = '<kind>', tool = '<tool>', name = '<name>'): string =>
  `npx plop ${kind} ${tool} ${name}`;

/** @param words behind the kind, where they are too many */
function wordsProblem(kind: string | undefined, words: readonly string[]): string | null {
  if (kind !== undefined && !isKind(kind)) return unknownKind(kind);
  if (words.length === 0) return null;
  const [tool, name] = words;
  return `Only one addition at a time: ${words.slice(1).join(', ')}. Run: ${lineOf(kind, tool, name)}`;
}

const isKind = (kind: string): kind is Kind => (KINDS as readonly string[]).includes(kind);

function unknownKind(kind: string): string {
  const nearest = nearestName(kind, KINDS);
  const hint = nearest === null ? `The kinds are ${KINDS.join(', ')}.` : `Did you mean ${nearest}?`;
  return `${JSON.stringify(kind)} is not a known kind. ${hint}`;
}

/** The help of a kind; of all kinds for another word. */
function plopHelp(kind = ''): string {
  const word = isKind(kind) ? kind : '<kind>';
  const name = kind === 'resource' ? 'order:number:string:required,total:numeric' : 'billing';
  return helpText({
    usage: `npx plop ${word} <tool> <name> [flags]`,
    about: isKind(kind)
      ? `Adds ${ABOUT[kind]} to a tool. On a terminal it asks for a missing tool and name.`
      : `Adds a part to a tool, wiring and test included. On a terminal it asks for missing answers.\n\nKinds:\n${columns(KINDS.map((known) => [known, ABOUT[known]]))}`,
    flags: FLAGS,
    examples: [
      { command: `npx plop ${isKind(kind) ? kind : 'service'} task-manager ${name}`, text: 'adds it' },
      {
        command: `npx plop ${isKind(kind) ? kind : 'service'} --tool task-manager --name ${name} --dry-run`,
        text: 'shows the files and writes none',
      },
    ],
    notes: ['Exit codes: 0 done; 2 usage; 3 refused, nothing written; 5 written, but not registered.'],
  });
}
