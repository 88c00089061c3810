import { describeFlags, type Flags } from '../../contracts/command-line.ts';
import type { CommandReport } from '../../contracts/job.ts';
import { asGeneratorError } from '../generator-error.ts';
import { REGISTER_FLAGS, register } from './register.ts';
import { UNDO_FLAGS, undo } from './undo.ts';
import { UPDATE_FLAGS, update } from './update.ts';

/** A command as a gulp task. gulp itself shows the name, the text and the flags. */
export interface CommandTask {
  (): Promise<void>;
  displayName?: string;
  description?: string;
  flags?: Record<string, string>;
}

/** The tasks of `gulpfile.ts` that look after scaffolded tools. */
export const scaffolding: readonly CommandTask[] = [
  taskOf('register', 'Tell the registry about a tool', register, REGISTER_FLAGS),
  taskOf('scaffold:update', 'Bring template changes into tools that exist', update, UPDATE_FLAGS),
  taskOf('scaffold:undo', 'Take a scaffold back: migrations, registration, files', undo, UNDO_FLAGS),
];

function taskOf(
  name: string,
  description: string,
  command: (argv: readonly string[]) => Promise<CommandReport>,
  flags: Flags,
): CommandTask {
  const task: CommandTask = async () => {
    const argv = process.argv.slice(2);
    const exitCode = await runCommand(() => command(argv), argv.includes('--json'));
    if (exitCode === 0) return;
    // gulp ends with 1 whatever fails; ours says more.
    process.once('exit', () => {
      process.exitCode = exitCode;
    });
    throw Object.assign(new Error(`${name} did not succeed; the reason is above`), { showStack: false });
  };
  task.displayName = name;
  task.description = description;
  task.flags = describeFlags(flags);
  return task;
}

/** Runs a command and prints its report: lines to read, or with `--json` one document. */
async function runCommand(command: () => Promise<CommandReport>, json: boolean): Promise<number> {
  try {
    const report = await command();
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else printReport(report);
    return report.exitCode;
  } catch (error) {
    const { message, code } = asGeneratorError(error);
    process.stderr.write(`✗ ${message}\n`);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ ok: false, exitCode: code, findings: [], changes: [], steps: [], error: message })}\n`,
      );
    return code;
  }
}

function printReport(report: CommandReport): void {
  const { diff } = (report.result ?? {}) as { diff?: string };
  if (diff !== undefined) {
    process.stdout.write(diff);
    return;
  }
  for (const { target, summary } of report.changes) process.stdout.write(`✅ ${target}: ${summary}\n`);
  for (const finding of report.findings) process.stdout.write(`! ${finding.message}\n  ${finding.remedy}\n`);
  if (report.changes.length + report.findings.length === 0) process.stdout.write('✅ Nothing to do\n');
}
