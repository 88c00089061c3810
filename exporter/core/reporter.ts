import type { CommandReport, LogLevel } from '../../contracts/job.ts';
import type { Finding } from '../../contracts/plan.ts';

/** The output of export, rollback, status and doctor. With `--json`, all human-readable output goes to standard error. */
export interface Reporter {
  line(text?: string): void;
  tick(level: LogLevel, message: string): void;
  finding(finding: Finding): void;
  /** Replaces its own last line on a terminal; elsewhere prints at most every few seconds. */
  progress(text: string): void;
  /** On a terminal, shows these words with the time since then below all output, until `null`; elsewhere nothing. */
  activity(text: string | null): void;
  /** A line for people at a terminal; elsewhere nothing. */
  aside(text: string): void;
  /** Prints the document of `--json`; without it, nothing. Waits until standard output has taken it. */
  document(report: CommandReport): Promise<void>;
}

/** Prints what a person can do next. */
export function printSteps(reporter: Pick<Reporter, 'line'>, steps: readonly string[]): void {
  reporter.line();
  reporter.line('Next steps:');
  for (const step of steps) reporter.line(`   • ${step}`);
  reporter.line();
}

/** The time that each step took: `Steps: backend 12.3s, database 4.0s`. */
export function stepTimes(steps: readonly { readonly id: string; readonly ms: number | null }[]): string {
  return `Steps: ${steps.map(({ id, ms }) => `${id} ${duration(ms ?? 0)}`).join(', ')}`;
}

/** `4m 32s`, `12.3s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}
