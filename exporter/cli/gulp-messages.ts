import { parseArgs } from 'node:util';

/** A line of gulp's log; its tags are the symbols of `@gulpjs/messages`. */
interface GulpMessage {
  readonly tag?: symbol;
  readonly message?: unknown;
}

/** Lines that only frame the output of the tasks. */
const FRAME: ReadonlySet<symbol | undefined> = new Set(
  ['GULPFILE', 'CWD_CHANGED', 'TASK_START', 'TASK_STOP', 'TASK_FAILURE'].map((name) =>
    Symbol.for(`GULP_CLI_${name}`),
  ),
);
const TASK_ERROR = Symbol.for('GULP_CLI_TASK_ERROR');

/**
 * gulp asks for the text of each line of its log: `false` hides a line, `undefined` leaves it to gulp. Shown are errors
 * that no task has printed itself, and with `--verbose` or `-L` all lines.
 */
export function message({ tag, message: text }: GulpMessage): false | undefined {
  if (VERBOSE) return undefined;
  const reported = tag === TASK_ERROR && typeof text === 'string' && text.startsWith('TaskFailed: ');
  return FRAME.has(tag) || reported ? false : undefined;
}

const VERBOSE = wantsLog(process.argv.slice(2));

function wantsLog(argv: readonly string[]): boolean {
  const { values } = parseArgs({
    args: [...argv],
    options: { verbose: { type: 'boolean' }, 'log-level': { type: 'boolean', short: 'L' } },
    strict: false,
    allowPositionals: true,
  });
  return values['verbose'] === true || values['log-level'] !== undefined;
}
