import pc from 'picocolors';
import { writeOutput } from '../../contracts/write-output.ts';
import type { LogLevel } from '../../contracts/job.ts';
import type { Reporter } from '../core/reporter.ts';
import { activityLine, FRAME_MS } from './activity.ts';

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
  let activity: { readonly text: string; readonly since: number; detail: string | null } | null = null;
  let timer: NodeJS.Timeout | undefined;
  const clear = (): void => {
    if (drawn) out.write('\r\u001b[2K');
    drawn = false;
  };
  const draw = (text: string): void => {
    clear();
    out.write(text);
    drawn = true;
  };
  const drawActivity = (): void => {
    if (activity === null) return;
    const { text, since, detail } = activity;
    draw(activityLine({ text, detail, elapsedMs: performance.now() - since, columns: out.columns || 80 }));
  };
  const line = (text = ''): void => {
    clear();
    out.write(`${text}\n`);
  };
  return {
    line,
    aside(text) {
      if (terminal) line(text);
    },
    activity(text) {
      if (!terminal) return;
      clearInterval(timer);
      clear();
      activity = text === null ? null : { text, since: performance.now(), detail: null };
      // Unreferenced: a spinner keeps no process alive
      timer = text === null ? undefined : setInterval(drawActivity, FRAME_MS).unref();
    },
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
      if (activity !== null) activity.detail = text;
      else if (terminal) draw(`  … ${text}`.slice(0, (out.columns || 80) - 1));
      else if (performance.now() - lastQuiet >= QUIET_INTERVAL_MS) {
        lastQuiet = performance.now();
        out.write(`  … ${text}\n`);
      }
    },
    async document(report) {
      this.activity(null);
      clear();
      await writeOutput(options.json ? `${JSON.stringify(report, null, 2)}\n` : '');
    },
  };
}
