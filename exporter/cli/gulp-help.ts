import type { TaskFunction } from 'gulp';
import { columns, declaredFlags, helpText, PURPOSES } from '../../contracts/command-help.ts';
import { gulpWords, unknownTask } from '../../contracts/gulp-line.ts';
import type { HelpedTask } from './task.ts';

/** Tasks by name, as gulp's registry has them: wrapped, with the task itself in `unwrap`. */
export type Tasks = Readonly<Record<string, TaskFunction & { unwrap?: () => TaskFunction }>>;

const NOTES = [
  'Exit codes: 0 done; 2 usage; 3 refused, nothing changed; 4 failed and rolled back; 5 failed, and changes remain (they are listed); 130 interrupted and rolled back.',
  "--verbose shows the log lines of gulp as well; gulp's own --silent hides its errors, too.",
];

/**
 * The help of the tasks on a command line; without a task, all tasks by purpose.
 * @throws PlatformError `usage` for an unknown task
 */
export function gulpHelp(argv: readonly string[], tasks: Tasks): string {
  const names = gulpWords(argv).tasks;
  if (names.length === 0) return overview(tasks);
  const unknown = unknownTask(argv, Object.keys(tasks));
  if (unknown !== null) throw unknown;
  return names.map((name) => taskHelp(name, tasks)).join('\n\n');
}

function overview(tasks: Tasks): string {
  const all = Object.keys(tasks).map((name) => ({ name, task: taskOf(name, tasks) }));
  const groups = [
    ...Object.entries(PURPOSES).map(([purpose, title]) => ({
      title,
      own: all.filter(({ task }) => task.help?.purpose === purpose),
    })),
    { title: 'Other tasks', own: all.filter(({ task }) => task.help === undefined) },
  ];
  const width = Math.max(...all.map(({ name }) => name.length));
  return [
    'Usage: npx gulp <task> [flags]',
    ...groups
      .filter(({ own }) => own.length > 0)
      .map(
        ({ title, own }) =>
          `${title}:\n${columns(own.map(({ name, task }) => [name.padEnd(width), task.description ?? '']))}`,
      ),
    'npx gulp <task> --help explains a task with its flags and examples. npx gulp --tasks lists all flags.',
  ].join('\n\n');
}

function taskHelp(name: string, tasks: Tasks): string {
  const { description = '', flags = {}, help } = taskOf(name, tasks);
  return helpText({
    usage: `npx gulp ${name}${Object.keys(flags).length === 0 ? '' : ' [flags]'}`,
    about: description === '' ? '' : `${description}.`,
    flags: declaredFlags(flags),
    examples: help?.examples ?? [],
    notes: help === undefined ? [] : NOTES,
  });
}

function taskOf(name: string, tasks: Tasks): HelpedTask {
  const task = tasks[name] as Tasks[string];
  return task.unwrap?.() ?? task;
}
