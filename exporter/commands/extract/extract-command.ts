import v8 from 'node:v8';
import type { CommandReport } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { writeOutput } from '../../../contracts/write-output.ts';
import { runExtract } from './extract.ts';
import type { Progress, ProgressPort } from '../../../extraction/api.ts';
import type { CutoverResult } from './follow.ts';
import { lagPrinter } from './lag-line.ts';
import { listenForSwitch } from './switch-wish.ts';
import { exitWith, TaskFailed } from '../../cli/task.ts';

/** Ctrl-C, a service manager, and a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `gulp extract`: runs, prints, and sets the exit code. The first Ctrl-C rolls back. */
export async function showExtract(argv: readonly string[]): Promise<void> {
  // Sent buffers are freed outside the heap at the next collection of young objects. A small semi-space collects every
  // few megabytes; a large one collects late, and a copy holds a third more memory.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  const json = argv.includes('--json');
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort(new Error('interrupted'));
  for (const name of SIGNALS) process.on(name, onSignal);
  const wish = argv.includes('--follow') ? listenForSwitch() : null;
  try {
    const report = await runExtract(argv, {
      signal: interrupt.signal,
      report: terminal(),
      onLag: lagPrinter({ withHint: !argv.includes('--switch') }),
      ...(wish === null ? {} : { switchNow: wish.signal }),
    });
    await writeOutput(json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
    if (report.exitCode === 0) return;
    exitWith(report.exitCode);
    throw new TaskFailed('extract failed; see the report above');
  } finally {
    wish?.close();
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

/** Progress on standard error: one line on a terminal, only the phases elsewhere. */
function terminal(): ProgressPort {
  let start = performance.now();
  let last = 0;
  let waitedFor = '';
  const print = (message: string): void =>
    void process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${message}\n`);
  return {
    log: (_level, message) => print(message),
    progress({ phase, target, done, total, unit, bytes }: Progress) {
      if (phase === 'waiting') {
        if (target !== waitedFor) print(`Waiting for ${target}`);
        waitedFor = target;
        return;
      }
      if (!process.stderr.isTTY) return;
      if (done < last) start = performance.now(); // another phase
      last = done;
      const left = done > 0 && total > done ? ((performance.now() - start) / done) * (total - done) : 0;
      const percent = total > 0 ? ` ${Math.floor((100 * done) / total)}%` : '';
      const eta = left > 0 ? `, about ${Math.ceil(left / 1000)} s left` : '';
      process.stderr.write(
        `\r\u001b[K${target}: ${done.toLocaleString('en-US')} ${unit}${bytes === undefined ? '' : `, ${(bytes / 1024 / 1024).toFixed(1)} MiB`}${percent}${eta}${done >= total ? '\n' : ''}`,
      );
    },
  };
}

const SIGNS = { error: '✗', warning: '⚠', info: '·' } as const;

function textOf(report: CommandReport): string {
  const lines = [
    ...report.findings.map(lineOf),
    ...(isDry(report)
      ? report.changes.map((change) => `${change.summary}${change.target.startsWith('ROWS') ? '' : ';'}`)
      : []),
    ...resultLines(report),
  ];
  return `${lines.join('\n')}\n`;
}

const lineOf = (item: Finding): string =>
  `${SIGNS[item.severity]} ${item.message}${item.remedy === '' ? '' : `${item.message.includes('\n') ? '\n' : ' '}${item.remedy}`}`;

interface TableLine {
  readonly name: string;
  readonly rows: number;
  readonly bytes?: number;
  readonly checksum?: string;
}

interface Result {
  readonly tables: readonly TableLine[];
  readonly dryRun?: boolean;
  readonly cutover?: CutoverResult;
}

const resultOf = (report: CommandReport): Result | undefined => report.result as Result | undefined;

const isDry = (report: CommandReport): boolean => resultOf(report)?.dryRun === true;

function resultLines(report: CommandReport): string[] {
  const result = resultOf(report);
  if (result === undefined) return [];
  const verb = result.dryRun === true ? 'would be copied, about' : 'copied and verified:';
  return [
    ...result.tables.map(
      (table) =>
        `✓ ${table.name} ${verb} ${table.rows.toLocaleString('en-US')} rows${table.bytes === undefined ? '' : `, ${table.bytes.toLocaleString('en-US')} bytes`}${table.checksum === undefined ? '' : `, ${table.checksum}`}`,
    ),
    ...(result.cutover === undefined ? [] : cutoverLines(result.cutover)),
    ...report.steps.map((step) => `✓ ${step.id} in ${((step.ms ?? 0) / 1000).toFixed(1)} s`),
  ];
}

function cutoverLines({ pauseMs, attempts, appliedChanges, fence, reverse }: CutoverResult): string[] {
  const changes =
    appliedChanges === null ? '' : `; the stream applied ${appliedChanges.toLocaleString('en-US')} changes`;
  return [
    `✓ switched: writes waited for ${pauseMs.toLocaleString('en-US')} ms in attempt ${attempts}${changes}`,
    `· The source refuses writes to these tables. To open them, run in the source: ${fence.remove}`,
    ...(reverse === null
      ? []
      : [
          `· The source follows the target by the subscription ${reverse.subscription}, with a slot and a publication of this name. To end it:`,
          `  in the source: ${reverse.end.source.join(' ')}`,
          `  in the target: ${reverse.end.target.join(' ')}`,
        ]),
  ];
}
