import type { TaskFunction } from 'gulp';
import { outliveReaders } from '../registry-api/closed-output.ts';
import { closeExport, openExport, runExportStep } from './commands/export/export.ts';
import { EXPORT_FLAGS } from './commands/export/export-flags.ts';
import { PIPELINE, UNDO_TITLES } from './pipeline.ts';
import { ROLLBACK_FLAGS, closeRollback, openRollback, runUndoPhase } from './commands/rollback/rollback.ts';
import { commandTask, namedTask } from './cli/task.ts';
import { UNDO_PHASES, type Step, type UndoPhase } from './core/step.ts';
import { describeFlags, unknownTask } from '../contracts/command-line.ts';
import { commands } from './commands/index.ts';

export { PIPELINE, UNDO_PHASES, commands };

const argv = process.argv.slice(2);
outliveReaders();

/** A step of the export as a gulp task. When it fails, it takes back all that was done before it fails. */
export function asTask(step: Step): TaskFunction {
  return namedTask(step.id, step.title, () => runExportStep(step));
}

/** A phase of the rollback as a gulp task. */
export function asUndoTask(phase: UndoPhase): TaskFunction {
  return namedTask(`undo:${phase}`, UNDO_TITLES[phase], () => runUndoPhase(phase));
}

export const openJob = commandTask('open-job', 'Read the command line', () => openExport(argv));
export const closeJob = namedTask('close-job', 'Complete the job', closeExport);
export const openUndo = commandTask('open-rollback', 'Find the job and take the lock', () =>
  openRollback(argv),
);
export const closeUndo = namedTask('close-rollback', 'Mark the job as rolled back', closeRollback);

export const exportFlags = describeFlags(EXPORT_FLAGS);
export const rollbackFlags = describeFlags(ROLLBACK_FLAGS);

/** Ends the process with code 2 when the command line names a task that there is not. */
export function refuseUnknownTasks(tasks: readonly TaskFunction[]): void {
  const error = unknownTask(
    argv,
    tasks.map((task) => task.displayName ?? ''),
  );
  if (error === null) return;
  process.stderr.write(`✗ ${error.message}\n`);
  process.exit(error.exitCode);
}
