import { firstLines } from '../../../core/first-lines.ts';
import { sourcePath, type ServiceLayout } from '../../../generate/service/layout.ts';

const LINES = 40;

/** Where a gate runs, and whose files it names. */
export interface GateOutput {
  /** Absolute folder of the copy that the gate runs in; it is gone when its output is read. */
  readonly copy: string;
  /** The service's folder, relative to the repository. */
  readonly folder: string;
  readonly layout: ServiceLayout;
  /** Paths of generated files, which no file of the tool stands behind. */
  readonly host: readonly string[];
}

const PATH = /(?<![\w./-])(?:\.\/)?((?:src|tests|database)\/[\w./@$+-]*\w)/g;

/** Names files as the person who reads the output knows them: the tool's by their place in the tool. */
export function inToolPaths(text: string, { copy, folder, layout, host }: GateOutput): string {
  const generated = new Set(host);
  return text
    .replaceAll(`file://${copy}/`, '')
    .replaceAll(`${copy}/`, '')
    .replaceAll(copy, folder)
    .replace(PATH, (_, file: string) =>
      generated.has(file) ? `${folder}/${file}` : sourcePath(file, layout),
    );
}

/** Errors that cause others: a module or a type that cannot be found. */
const CAUSE = /error TS(?:2307|2305|2724|7016|1479|1295):/;

/** tsc's errors, those that cause others first. */
export function compilerErrors(output: string): string {
  const errors = output.trim().split(/\n(?=\S)/);
  const causes = errors.filter((error) => CAUSE.test(error));
  const others = errors.filter((error) => !CAUSE.test(error));
  return firstLines([...new Set([...causes, ...others])].join('\n'), LINES);
}

/** Failures of a mocha run that are shown whole. Of others, and of those with the same reason, only the titles are. */
const WHOLE = 4;

/** The failures of a mocha run, without the tests that passed and the lines of Node.js in their stacks. */
export function testFailures(output: string): string {
  const failing = /^ +\d+ failing$/m.exec(output);
  if (failing === null) return firstLines(output, LINES);
  const failures = output
    .slice(failing.index + failing[0].length)
    .replace(/^ +at .*\(?node:.*\n/gm, '')
    .trim()
    .split(/\n(?= {2}\d+\) )/);
  const reasons = new Set<string>();
  return failures
    .map((failure) => {
      const [title = '', ...reason] = failure.split(/\n\s*\n/);
      const text = reason.join('\n\n').trim();
      if (reasons.has(text) || reasons.size === WHOLE) return title.trim();
      reasons.add(text);
      return firstLines(`${title}\n\n${reason.join('\n\n').trimEnd()}`, LINES / 2);
    })
    .join('\n');
}

/** ESLint's report, without the warnings of its plugins before it. */
export function lintErrors(output: string): string {
  const report = /^\/.*\n +\d+:\d+/m.exec(output);
  return firstLines(report === null ? output : output.slice(report.index), LINES);
}
