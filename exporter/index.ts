import type { TaskFunction } from 'gulp';
import { outliveReaders } from '../registry-api/closed-output.ts';
import { describeFlags } from '../contracts/command-line.ts';
import type { TaskHelp } from '../contracts/command-help.ts';
import { unknownTask } from '../contracts/gulp-line.ts';
import { STEP_IDS, STEP_TITLES } from '../contracts/plan.ts';
import { commandTask, namedTask } from './cli/task.ts';
import { EXPORT_FLAGS } from './commands/export/export-flags.ts';
import { commandsOf } from './commands/index.ts';
import { ROLLBACK_FLAGS } from './commands/rollback/rollback-flags.ts';
import { UNDO_PHASES, UNDO_TITLES } from './core/step.ts';

/**
 * The tasks of `gulp export`, in order. A failing step rolls back everything done so far before its task fails. The
 * exporter is loaded by the first task: it would delay every other command.
 */
export function exportSeries(argv: readonly string[]): readonly TaskFunction[] {
  const load = once(async () => {
    const [{ exportTasks }, { PIPELINE }] = await Promise.all([
      import('./commands/export/export.ts'),
      import('./pipeline.ts'),
    ]);
    return { tasks: exportTasks(), pipeline: PIPELINE };
  });
  return [
    commandTask('open-job', 'Read the command line', async () => (await load()).tasks.open(argv)),
    ...STEP_IDS.map((id) =>
      namedTask(id, STEP_TITLES[id], async () => {
        const { tasks, pipeline } = await load();
        const step = pipeline.find((one) => one.id === id);
        if (step === undefined) throw new Error(`The pipeline has no step ${id}`);
        await tasks.runStep(step);
      }),
    ),
    namedTask('close-job', 'Complete the job', async () => (await load()).tasks.close()),
  ];
}

/** The tasks of `gulp rollback`, in order. Loaded as those of the export. */
export function rollbackSeries(argv: readonly string[]): readonly TaskFunction[] {
  const load = once(async () => (await import('./commands/rollback/rollback.ts')).rollbackTasks());
  return [
    commandTask('open-rollback', 'Find the job and take the lock', async () => (await load()).open(argv)),
    ...UNDO_PHASES.map((phase) =>
      namedTask(`undo:${phase}`, UNDO_TITLES[phase], async () => (await load()).undoPhase(phase)),
    ),
    namedTask('close-rollback', 'Mark the job as rolled back', async () => (await load()).close()),
  ];
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

/** Commands that are one task. */
export { commandsOf };

const EXPORT_HELP: TaskHelp = {
  purpose: 'move',
  examples: [
    {
      command: 'npx gulp export --tool-id=inventory-tracker --dry-run',
      text: 'every check and the complete plan; changes nothing',
    },
    {
      command: 'npx gulp export --tool-id=inventory-tracker --runtime=local',
      text: 'to a process on this machine instead of containers',
    },
    {
      command: 'npx gulp export --tool-id=inventory-tracker --resume',
      text: 'continue an export that was killed',
    },
  ],
};

const ROLLBACK_HELP: TaskHelp = {
  purpose: 'move',
  examples: [
    {
      command: 'npx gulp rollback --tool-id=inventory-tracker --dry-run',
      text: 'what would be undone, and which rows the service has written since the switch',
    },
    {
      command: 'npx gulp rollback --tool-id=inventory-tracker --bring-back',
      text: 'sync these rows back to the monolith, then roll back',
    },
  ],
};

/** What gulp shows of the two series. */
export const ABOUT_EXPORT = {
  displayName: 'export',
  description: 'Turn a tool into an independent microservice',
  flags: describeFlags(EXPORT_FLAGS),
  help: EXPORT_HELP,
};
export const ABOUT_ROLLBACK = {
  displayName: 'rollback',
  description: 'Roll back a failed, crashed or completed export',
  flags: describeFlags(ROLLBACK_FLAGS),
  help: ROLLBACK_HELP,
};

/**
 * Prepares the process before gulp runs a task: a closed output no longer ends it, and a command line that names an
 * unknown task ends it with code 2.
 * @param tasks names of all tasks, asked for when the whole gulpfile is loaded
 */
export function prepareProcess(argv: readonly string[], tasks: () => readonly string[]): void {
  outliveReaders();
  // gulp runs the tasks in a later tick, after a workspace has defined its own
  process.nextTick(() => {
    if (listsTasks(argv)) return;
    const error = unknownTask(argv, tasks());
    if (error === null) return;
    process.stderr.write(`✗ ${error.message}\n`);
    process.exit(error.exitCode);
  });
}

/** `--tasks`, `-T`, `--tasks-simple`, `--tasks-json`: gulp runs no task. */
const listsTasks = (argv: readonly string[]): boolean =>
  argv.some((word) => /^(-T|--tasks(-simple|-json)?(=.*)?)$/.test(word));
