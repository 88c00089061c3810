import { describeFlags, type Flags } from '../../contracts/command-line.ts';
import type { Example, TaskHelp } from '../../contracts/command-help.ts';
import type { CommandReport } from '../../contracts/job.ts';
import { writeOutput } from '../../contracts/write-output.ts';
import { REGISTER_FLAGS, UNDO_FLAGS, UPDATE_FLAGS } from './flags.ts';

/** A command as a gulp task, whose name, description and flags gulp prints. */
export interface CommandTask {
  (): Promise<void>;
  displayName?: string;
  description?: string;
  flags?: Record<string, string>;
  help?: TaskHelp;
}

/** The tasks of `gulpfile.ts` for scaffolded tools. Each loads its code when it runs. */
export const scaffolding: readonly CommandTask[] = [
  taskOf(
    'register',
    'Register a tool, or update its registration',
    async (argv) => (await import('./register.ts')).register(argv),
    REGISTER_FLAGS,
    [{ command: 'npx gulp register --tool-id=task-manager', text: 'after a change of its manifest' }],
  ),
  taskOf(
    'scaffold:update',
    'Merge template changes into existing tools',
    async (argv) => (await import('./update.ts')).update(argv),
    UPDATE_FLAGS,
    [
      { command: 'npx gulp scaffold:update --check', text: 'for a CI: exit code 2 if a file is outdated' },
      { command: 'npx gulp scaffold:update --dry-run', text: 'the changes as a diff' },
    ],
  ),
  taskOf(
    'scaffold:undo',
    'Undo a scaffold: migrations, registration, files',
    async (argv) => (await import('./undo.ts')).undo(argv),
    UNDO_FLAGS,
    [{ command: 'npx gulp scaffold:undo --tool-id=task-manager --dry-run', text: 'what would be removed' }],
  ),
];

function taskOf(
  name: string,
  description: string,
  command: (argv: readonly string[]) => Promise<CommandReport>,
  flags: Flags,
  examples: readonly Example[],
): CommandTask {
  const task: CommandTask = async () => {
    const argv = process.argv.slice(2);
    const exitCode = await runCommand(() => command(argv), argv.includes('--json'));
    if (exitCode === 0) return;
    // Sets the exit code, because gulp exits with 1 for every error.
    process.once('exit', () => {
      process.exitCode = exitCode;
    });
    throw Object.assign(new Error(`${name} failed; the reason is above`), {
      name: 'TaskFailed',
      showStack: false,
    });
  };
  task.displayName = name;
  task.description = description;
  task.flags = describeFlags(flags);
  task.help = { purpose: 'scaffold', examples };
  return task;
}

/** Runs a command and prints its report: text, or with `--json` one document. */
async function runCommand(command: () => Promise<CommandReport>, json: boolean): Promise<number> {
  try {
    const report = await command();
    await writeOutput(json ? `${JSON.stringify(report)}\n` : textOf(report));
    return report.exitCode;
  } catch (error) {
    const { asGeneratorError } = await import('../generator-error.ts');
    const { message, code } = asGeneratorError(error);
    process.stderr.write(`✗ ${message}\n`);
    if (json)
      await writeOutput(
        `${JSON.stringify({ ok: false, exitCode: code, findings: [], changes: [], steps: [], error: message })}\n`,
      );
    return code;
  }
}

function textOf(report: CommandReport): string {
  const { diff } = (report.result ?? {}) as { diff?: string };
  if (diff !== undefined) return diff;
  const lines = [
    ...report.changes.map(({ target, summary }) => `✅ ${target}: ${summary}\n`),
    ...report.findings.map((finding) => `! ${finding.message}\n  ${finding.remedy}\n`),
  ];
  return lines.length === 0 ? '✅ Nothing to do\n' : lines.join('');
}
