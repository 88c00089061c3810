import pc from 'picocolors';
import type { CommandReport, LogLevel } from '../../contracts/job.ts';
import type { Finding } from '../../contracts/plan.ts';

/** The only printer of a command. With `json`, all text for people goes to standard error. */
export interface Reporter {
  line(text?: string): void;
  tick(level: LogLevel, message: string): void;
  finding(finding: Finding): void;
  /** Replaces its own last line on a terminal; elsewhere prints at most every few seconds. */
  progress(text: string): void;
  /** Prints the document of `--json`; without it, nothing. */
  document(report: CommandReport): void;
}

const MARKS: Readonly<Record<LogLevel, string>> = {
  debug: pc.dim('·'),
  info: pc.dim('·'),
  success: pc.green('✓'),
  warning: pc.yellow('!'),
  error: pc.red('✗'),
};

const QUIET_INTERVAL_MS = 5_000;

export function createReporter(options: { readonly json: boolean }): Reporter {
  const out = options.json ? process.stderr : process.stdout;
  const terminal = out.isTTY;
  let drawn = false;
  let lastQuiet = -Infinity;
  const clear = (): void => {
    if (drawn) out.write('\r\u001b[2K');
    drawn = false;
  };
  const line = (text = ''): void => {
    clear();
    out.write(`${text}\n`);
  };
  return {
    line,
    tick: (level, message) => line(`  ${MARKS[level]} ${message.replaceAll('\n', '\n    ')}`),
    finding(finding) {
      const level: LogLevel = finding.severity === 'info' ? 'success' : finding.severity;
      const place =
        finding.file === undefined
          ? ''
          : `${finding.file}${finding.line === undefined ? '' : `:${finding.line}`}: `;
      line(`  ${MARKS[level]} ${place}${finding.message}`);
      if (finding.severity !== 'info' && finding.remedy !== '') line(`    ${pc.dim(finding.remedy)}`);
    },
    progress(text) {
      if (terminal) {
        clear();
        out.write(`  … ${text}`.slice(0, (out.columns || 80) - 1));
        drawn = true;
      } else if (performance.now() - lastQuiet >= QUIET_INTERVAL_MS) {
        lastQuiet = performance.now();
        out.write(`  … ${text}\n`);
      }
    },
    document(report) {
      clear();
      if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    },
  };
}

/** `4m 32s`, `12.3s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}
