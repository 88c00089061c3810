import type { TaskFunction } from 'gulp';
import { outliveReaders } from '../registry-api/closed-output.ts';
import { describeFlags, unknownTask } from '../contracts/command-line.ts';
import { commandTask, namedTask } from './cli/task.ts';
import { EXPORT_FLAGS } from './commands/export/export-flags.ts';
import { exportTasks } from './commands/export/export.ts';
import { commandsOf } from './commands/index.ts';
import { ROLLBACK_FLAGS } from './commands/rollback/rollback-flags.ts';
import { rollbackTasks } from './commands/rollback/rollback.ts';
import { UNDO_PHASES, UNDO_TITLES } from './core/step.ts';
import { PIPELINE } from './pipeline.ts';

/** The tasks of `gulp export`, in order. A failing step rolls back everything done so far before its task fails. */
export function exportSeries(argv: readonly string[]): readonly TaskFunction[] {
  const tasks = exportTasks();
  return [
    commandTask('open-job', 'Read the command line', () => tasks.open(argv)),
    ...PIPELINE.map((step) => namedTask(step.id, step.title, () => tasks.runStep(step))),
    namedTask('close-job', 'Complete the job', () => tasks.close()),
  ];
}

/** The tasks of `gulp rollback`, in order. */
export function rollbackSeries(argv: readonly string[]): readonly TaskFunction[] {
  const tasks = rollbackTasks();
  return [
    commandTask('open-rollback', 'Find the job and take the lock', () => tasks.open(argv)),
    ...UNDO_PHASES.map((phase) =>
      namedTask(`undo:${phase}`, UNDO_TITLES[phase], () => tasks.undoPhase(phase)),
    ),
    namedTask('close-rollback', 'Mark the job as rolled back', () => tasks.close()),
  ];
}

/** Commands that are one task. */
export { commandsOf };

export const exportFlags = describeFlags(EXPORT_FLAGS);
export const rollbackFlags = describeFlags(ROLLBACK_FLAGS);

/**
 * Prepares the process before gulp runs a task: a closed output no longer ends it, and a command line that names an
 * unknown task ends it with code 2.
 */
export function prepareProcess(argv: readonly string[], tasks: readonly TaskFunction[]): void {
  outliveReaders();
  const error = unknownTask(
    argv,
    tasks.map((task) => task.displayName ?? ''),
  );
  if (error === null) return;
  process.stderr.write(`✗ ${error.message}\n`);
  process.exit(error.exitCode);
}
