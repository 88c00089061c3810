import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { KINDS } from './kinds.ts';

/** What may stand behind `plop`; the second half is plop's own. */
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
 * Why this command line cannot be meant, or `null`. plop itself hands unknown flags on without a word, so that a
 * mistyped `--dry-run` would write, and waits for answers that never come when there is no terminal.
 */
export function plopProblem(argv: readonly string[], interactive: boolean): string | null {
  const { tokens, positionals, values } = parseArgs({
    // `plop kind -- --name x` is plop's other way to say `plop kind --name x`
    args: argv.filter((arg) => arg !== '--'),
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens)
    if (token.kind === 'option' && !(token.name in FLAGS))
      return `${token.rawName} is not known. Did you mean --${closest(token.name, Object.keys(FLAGS))}?`;
  const [kind] = positionals;
  if (values.help === true || values.version === true) return null;
  if (kind === undefined)
    return interactive ? null : `There is no terminal to ask on. Run: npx plop <kind> <tool> <name>`;
  if (!(KINDS as readonly string[]).includes(kind))
    return `There is no ${JSON.stringify(kind)} to add. Did you mean ${closest(kind, [...KINDS])}?`;
  if (positionals.length > 3)
    return `One at a time: ${positionals.slice(2).join(', ')}. Run: npx plop ${kind} ${positionals[1] ?? '<tool>'} ${positionals[2] ?? '<name>'}`;
  const given =
    positionals.length - 1 + Number(values.tool !== undefined) + Number(values.name !== undefined);
  if (given >= 2 || interactive) return null;
  return `There is no terminal to ask on. Run: npx plop ${kind} <tool> <name>`;
}
