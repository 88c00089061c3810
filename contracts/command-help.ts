import { parseArgs } from 'node:util';
import type { Flag, Flags } from './flags.ts';

/** A command line that works as it stands, and what it does. */
export interface Example {
  readonly command: string;
  readonly text: string;
}

/** The help of a command. Its flags are those that its parser reads. */
export interface CommandHelp {
  /** How it is called, such as `npx gulp export [flags]`. */
  readonly usage: string;
  /** What it does, in whole sentences. */
  readonly about: string;
  readonly flags: Flags;
  readonly examples?: readonly Example[];
  /** Paragraphs below the flags, such as the exit codes. */
  readonly notes?: readonly string[];
}

/** What people do with the tasks of gulp, in the order of `gulp --help`. */
export const PURPOSES = {
  move: 'Move a tool out of the monolith, and back',
  look: 'See how things stand',
  scaffold: 'Create and update tools',
  database: 'Work with databases and files of the platform',
} as const;

/** The help of a gulp task besides its description and flags. */
export interface TaskHelp {
  readonly purpose: keyof typeof PURPOSES;
  readonly examples?: readonly Example[];
}

/** Characters of a line, at most: a terminal's usual width, and what reads well on a wide one. */
const WIDTH = 100;
/** Characters of a text beside a name, at least. */
const TEXT_WIDTH = 40;

/** Whether `--help` or `-h` is among the arguments. */
export function asksForHelp(argv: readonly string[]): boolean {
  const { values } = parseArgs({
    args: [...argv],
    options: { help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
  });
  return values.help === true;
}

/** The text of `--help`, without a final line break. */
export function helpText({ usage, about, flags, examples = [], notes = [] }: CommandHelp): string {
  const parts = [
    `Usage: ${usage}`,
    about === '' ? '' : paragraph(about),
    Object.keys(flags).length === 0 ? '' : `Flags:\n${flagList(flags)}`,
    examples.length === 0 ? '' : `Examples:\n${exampleList(examples)}`,
    ...notes.map(paragraph),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const paragraph = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => wrapped(line, WIDTH))
    .join('\n');

const exampleList = (examples: readonly Example[]): string =>
  examples.map(({ command, text }) => `  ${command}\n      ${text}`).join('\n');

/** One line a flag, with its text, default and limits beside it. Further lines of a text are indented as the first. */
export function flagList(flags: Flags): string {
  return columns(
    Object.entries(flags).map(([name, flag]) => [
      `--${name}${placeholderOf(flag)}${flag.short === undefined ? '' : `, -${flag.short}`}`,
      meaningOf(flag),
    ]),
  );
}

/** Rows of a name and a text beside it, indented and wrapped. */
export function columns(rows: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const room = Math.max(TEXT_WIDTH, WIDTH - width - 2);
  return rows
    .map(([name, text]) => {
      const lines = text.split('\n').flatMap((line) => wrapped(line, room));
      return `  ${name.padEnd(width)}${lines.join(`\n${' '.repeat(width + 2)}`)}`;
    })
    .join('\n');
}

/** The texts of a task's flags, as `gulp --tasks` shows them. {@link declaredFlags} finds the flags again. */
export function describeFlags(flags: Flags): Record<string, string> {
  const texts = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [`--${name}`, meaningOf(flag)]),
  );
  DECLARED.set(texts, flags);
  return texts;
}

const DECLARED = new WeakMap<object, Flags>();

/** The flags that {@link describeFlags} was given; those of other tasks have only a name and a text. */
export function declaredFlags(texts: Readonly<Record<string, string>>): Flags {
  const declared = DECLARED.get(texts);
  if (declared !== undefined) return declared;
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name.replace(/^--/, ''), { type: 'boolean', text }]),
  );
}

const PLACEHOLDERS: Readonly<Record<Exclude<Flag['type'], 'boolean'>, string>> = {
  string: 'VALUE',
  number: 'N',
  duration: 'TIME',
  'tool-id': 'ID',
  'job-id': 'ID',
};

/** `=VALUE` behind the name of a flag that takes one, the allowed values where they are few, otherwise ``. */
export function placeholderOf({ type, value, oneOf }: Flag): string {
  if (type === 'boolean') return '';
  return `=${value ?? oneOf?.join('|') ?? PLACEHOLDERS[type]}`;
}

function meaningOf(flag: Flag): string {
  const limits = [
    ...(flag.required === true ? ['required'] : []),
    ...(flag.multiple === true ? ['may be repeated'] : []),
    ...(flag.type === 'number' && flag.max !== undefined ? [`1 to ${flag.max}`] : []),
    ...(flag.type === 'string' && flag.oneOf !== undefined && flag.value !== undefined
      ? [flag.oneOf.join(', ')]
      : []),
    ...(flag.default === undefined ? [] : [`default: ${flag.default}`]),
  ];
  if (limits.length === 0) return flag.text;
  const [first = '', ...further] = flag.text.split('\n');
  return [`${first} (${limits.join('; ')})`, ...further].join('\n');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
