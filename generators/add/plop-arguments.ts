import { nearestName, readArguments } from '../../contracts/command-line.ts';
import { KINDS } from './kinds.ts';

const FLAGS = {
  'dry-run': { type: 'boolean', text: 'print the files and write none' },
  tool: { type: 'string', text: 'id of the tool' },
  name: { type: 'string', text: 'name of the part' },
  help: { type: 'boolean', short: 'h', text: 'show the help of plop' },
  version: { type: 'boolean', short: 'v', text: 'show the version of plop' },
  force: { type: 'boolean', short: 'f', text: 'overwrite existing files' },
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

/**
 * Why this command line is not valid, or `null`. plop silently passes unknown flags on, so a mistyped `--dry-run`
 * would write; and without a terminal it waits forever for answers.
 */
export function plopProblem(argv: readonly string[], interactive: boolean): string | null {
  // `plop kind -- --name x` is the same as `plop kind --name x`
  const args = argv.filter((arg) => arg !== '--');
  const { values, positionals, unknown, problems } = readArguments(args, FLAGS, PLOP_FLAGS);
  for (const { flag, nearest } of unknown)
    return `${flag} is not a known flag.${nearest === null ? '' : ` Did you mean ${nearest}?`}`;
  if (problems.length > 0) return `${problems.join('; ')}.`;
  const [kind] = positionals;
  if (values.help === true || values.version === true) return null;
  if (kind === undefined)
    return interactive
      ? null
      : `Answers are missing and there is no terminal to prompt on. Run: npx plop <kind> <tool> <name>`;
  if (!(KINDS as readonly string[]).includes(kind))
    return `${JSON.stringify(kind)} is not a known kind. Did you mean ${nearestName(kind, KINDS, Infinity) ?? ''}?`;
  if (positionals.length > 3)
    return `Only one addition at a time: ${positionals.slice(2).join(', ')}. Run: npx plop ${kind} ${positionals[1] ?? '<tool>'} ${positionals[2] ?? '<name>'}`;
  const given =
    positionals.length - 1 + Number(values.tool !== undefined) + Number(values.name !== undefined);
  if (given >= 2 || interactive) return null;
  return `Answers are missing and there is no terminal to prompt on. Run: npx plop ${kind} <tool> <name>`;
}
