import writeFileAtomic from 'write-file-atomic';
import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { analyseBoundaries, NoModules, type Boundaries, type Coupling } from '../../../inspection/index.ts';
import { createReporter } from '../../cli/reporter.ts';
import { exitWith, TaskFailed } from '../../cli/task.ts';
import { parseBoundariesFlags, type BoundariesOptions } from './boundaries-flags.ts';
import { describeCoupling } from './describe-coupling.ts';
import { count } from './count.ts';
import { htmlReport } from './html-report.ts';
import { readDatabase } from './read-database.ts';
import { textReport } from './text-report.ts';
import { compareTodo, readTodo, TODO_FILE, writeTodo, type TodoEntry } from './todo.ts';

/** `gulp boundaries`: shows where an application can be cut, and with `--check` refuses new couplings. */
export async function showBoundaries(argv: readonly string[], cwd: string): Promise<CommandReport> {
  const options = parseBoundariesFlags(argv, cwd);
  const reporter = createReporter({ json: options.json });
  const todo = options.check || options.updateTodo ? readTodo(options.root) : [];
  const found = await analyse(options);
  if (options.html !== null) await writeFileAtomic(options.html, htmlReport(found, options.source));
  const findings = options.check ? check(found, todo, options) : [];
  if (options.check) printCheck(findings, (line) => reporter.line(line));
  else for (const line of textReport(found, options.source)) reporter.line(line);
  if (options.updateTodo) {
    const entries = await writeTodo(options.root, found.couplings, options.database !== null);
    reporter.line(`\n${TODO_FILE} lists ${count(entries, 'coupling')}.`);
  }
  const ok = findings.length === 0;
  const report: CommandReport = {
    ...{ ok, exitCode: ok ? EXIT.done : EXIT.refused, findings, steps: [] },
    changes: [],
    result: found,
  };
  await reporter.document(report);
  if (ok) return report;
  exitWith(report.exitCode);
  throw new TaskFailed('boundaries failed; the reason is above');
}

async function analyse({ root, source, modules, database }: BoundariesOptions): Promise<Boundaries> {
  const facts = database === null ? null : await readDatabase(database);
  try {
    return await analyseBoundaries({ root, database: facts, ...(modules === null ? {} : { modules }) });
  } catch (error) {
    if (!(error instanceof NoModules)) throw error;
    throw new PlatformError(
      'usage',
      modules === null
        ? `gulp boundaries: ${source} has no two folders with code side by side that could be modules. Name them: --modules='src/areas/*'`
        : `gulp boundaries: no folder with code below ${source} matches --modules=${modules}.`,
      { cause: error },
    );
  }
}

function check(
  { couplings }: Boundaries,
  todo: readonly TodoEntry[],
  { database }: BoundariesOptions,
): readonly Finding[] {
  const { added, stale } = compareTodo(todo, couplings, database !== null);
  return [...added.map(newFinding), ...stale.map(staleFinding)];
}

const newFinding = (coupling: Coupling): Finding => ({
  code: 'boundary-new',
  severity: 'error',
  step: 'preflight',
  message: describeCoupling(coupling),
  ...(coupling.file === null ? {} : { file: coupling.file, line: coupling.lines[0] ?? 1 }),
  object: coupling.name,
  remedy: `Use an endpoint of ${coupling.to} instead; if the coupling is meant, run gulp boundaries with --update-todo.`,
});

const staleFinding = (entry: TodoEntry): Finding => ({
  code: 'boundary-stale',
  severity: 'error',
  step: 'preflight',
  message: `${TODO_FILE} lists ${entry.places === 0 ? '' : `${entry.places} × `}${entry.kind} ${entry.name} of ${entry.to} in ${entry.from}, of which fewer remain`,
  ...(entry.file === null ? {} : { file: entry.file, line: 1 }),
  object: entry.name,
  remedy: 'Keep the progress: run gulp boundaries with --update-todo, and commit the list.',
});

/** One line a finding, as ESLint's unix formatter prints them. */
function printCheck(findings: readonly Finding[], print: (line: string) => void): void {
  for (const { file, line, message, code } of findings)
    print(`${file === undefined ? 'database' : `${file}:${line ?? 1}`}  ${message}  ${code}`);
  print(
    findings.length === 0
      ? 'No new couplings between modules.'
      : `\n${count(findings.length, 'problem')}. ${findings.some(({ code }) => code === 'boundary-new') ? 'Use an endpoint of the other module instead. ' : ''}To accept today's couplings, run gulp boundaries with --update-todo.`,
  );
}
