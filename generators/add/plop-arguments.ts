import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { KINDS } from './kinds.ts';

/** Flags accepted after `plop`; those in the second half are plop’s own. */
const FLAGS = {
  'dry-run': { type: 'boolean' },
  tool: { type: 'string' },
  name: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  force: { type: 'boolean', short: 'f' },
  progress: { type: 'boolean' },
  'no-progress': { type: 'boolean' },
  'show-type-names': { type: 'boolean', short: 't' },
  plopfile: { type: 'string' },
  preload: { type: 'string', multiple: true },
  dest: { type: 'string' },
  cwd: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/**
 * Why this command line is not valid, or `null`. plop silently passes unknown flags on, so a mistyped `--dry-run`
 * would write; and without a terminal it waits forever for answers.
 */
export function plopProblem(argv: readonly string[], interactive: boolean): string | null {
  const { tokens, positionals, values } = parseArgs({
    // `plop kind -- --name x` is the same as `plop kind --name x`
    args: argv.filter((arg) => arg !== '--'),
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens)
    if (token.kind === 'option' && !(token.name in FLAGS))
      return `${token.rawName} is not a known flag. Did you mean --${closest(token.name, Object.keys(FLAGS))}?`;
  const [kind] = positionals;
  if (values.help === true || values.version === true) return null;
  if (kind === undefined)
    return interactive
      ? null
      : `Answers are missing and there is no terminal to prompt on. Run: npx plop <kind> <tool> <name>`;
  if (!(KINDS as readonly string[]).includes(kind))
    return `${JSON.stringify(kind)} is not a known kind. Did you mean ${closest(kind, [...KINDS])}?`;
  if (positionals.length > 3)
    return `Only one addition at a time: ${positionals.slice(2).join(', ')}. Run: npx plop ${kind} ${positionals[1] ?? '<tool>'} ${positionals[2] ?? '<name>'}`;
  const given =
    positionals.length - 1 + Number(values.tool !== undefined) + Number(values.name !== undefined);
  if (given >= 2 || interactive) return null;
  return `Answers are missing and there is no terminal to prompt on. Run: npx plop ${kind} <tool> <name>`;
}
