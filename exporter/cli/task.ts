import type { TaskFunction } from 'gulp';
import type { TaskHelp } from '../../contracts/command-help.ts';
import { EXIT } from '../../contracts/errors.ts';
import { SettingsError } from '../../contracts/settings.ts';
import { exitWith } from '../core/exit-with.ts';
import { toPlatformError } from '../core/failures.ts';

export { exitWith };

/**
 * The error that a failed task passes to gulp, so that gulp names the step. The reason has been printed already; gulp
 * shows this one line instead of a stack.
 */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
  /** Makes gulp print the message without a stack. */
  readonly showStack = false;
}

/** A task with what `gulp --help` shows of it. */
export type HelpedTask = TaskFunction & { help?: TaskHelp };

/** A gulp task of this name and description; `work` throws {@link TaskFailed} to stop the series. */
export function namedTask(name: string, description: string, work: () => Promise<void>): HelpedTask {
  const task: HelpedTask = () => work();
  task.displayName = name;
  task.description = description;
  return task;
}

/**
 * A task that is a whole command or reads the command line. Prints an error to standard error and sets the exit code
 * of the error.
 * @param flags made by `describeFlags`, by which `gulp <task> --help` finds the flags
 */
export function commandTask(
  name: string,
  description: string,
  work: () => Promise<unknown>,
  flags?: Record<string, string>,
  help?: TaskHelp,
): HelpedTask {
  const guarded = async (): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      if (thrown instanceof TaskFailed) throw thrown;
      const error =
        thrown instanceof SettingsError
          ? { message: thrown.message, exitCode: EXIT.usage }
          : toPlatformError(thrown);
      process.stderr.write(`✗ ${error.message}\n`);
      exitWith(error.exitCode);
      throw new TaskFailed(`${name} failed; the reason is above`);
    }
  };
  const task = namedTask(name, description, guarded);
  // The very object: describeFlags knows the flags by it
  if (flags !== undefined) task.flags = flags;
  if (help !== undefined) task.help = help;
  return task;
}
