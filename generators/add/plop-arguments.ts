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
 * Why this command line cannot be meant, or `null`. plop itself hands unknown flags on without a word, so that a
 * mistyped `--dry-run` would write, and waits for answers that never come when there is no terminal.
 */
export function plopProblem(argv: readonly string[], interactive: boolean): string | null {
  // `plop kind -- --name x` is plop's other way to say `plop kind --name x`
  const args = argv.filter((arg) => arg !== '--');
  const { values, positionals, unknown, problems } = readArguments(args, FLAGS, PLOP_FLAGS);
  for (const { flag, nearest } of unknown)
    return `${flag} is not known.${nearest === null ? '' : ` Did you mean ${nearest}?`}`;
  if (problems.length > 0) return `${problems.join('; ')}.`;
  const [kind] = positionals;
  if (values.help === true || values.version === true) return null;
  if (kind === undefined)
    return interactive ? null : `There is no terminal to ask on. Run: npx plop <kind> <tool> <name>`;
  if (!(KINDS as readonly string[]).includes(kind))
    return `There is no ${JSON.stringify(kind)} to add. Did you mean ${nearestName(kind, KINDS, Infinity) ?? ''}?`;
  if (positionals.length > 3)
    return `One at a time: ${positionals.slice(2).join(', ')}. Run: npx plop ${kind} ${positionals[1] ?? '<tool>'} ${positionals[2] ?? '<name>'}`;
  const given =
    positionals.length - 1 + Number(values.tool !== undefined) + Number(values.name !== undefined);
  if (given >= 2 || interactive) return null;
  return `There is no terminal to ask on. Run: npx plop ${kind} <tool> <name>`;
}
