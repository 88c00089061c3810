import pc from 'picocolors';
import { writeOutput } from '../../contracts/write-output.ts';
import type { LogLevel } from '../../contracts/job.ts';
import type { Reporter } from '../core/reporter.ts';

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
    async document(report) {
      clear();
      await writeOutput(options.json ? `${JSON.stringify(report, null, 2)}\n` : '');
    },
  };
}
