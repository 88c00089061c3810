import v8 from 'node:v8';
import type { CommandReport } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { runExtract } from './extract.ts';
import type { Progress, ProgressPort } from '../../../extraction/api.ts';
import { exitWith, TaskFailed } from '../../cli/task.ts';

/** `gulp extract`: runs, prints, and sets the exit code. The first Ctrl-C takes everything back. */
export async function showExtract(argv: readonly string[]): Promise<void> {
  // Buffers that have gone through wait outside the heap for a collection of young objects. While few of those fit,
  // there is one every few megabytes; with room for many, it comes late, and a copy holds a third more memory.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  const json = argv.includes('--json');
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort(new Error('interrupted'));
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const report = await runExtract(argv, { signal: interrupt.signal, report: terminal() });
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else show(report);
    if (report.exitCode === 0) return;
    exitWith(report.exitCode);
    throw new TaskFailed('extract failed; the reason is above');
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Progress on standard error: one line on a terminal, nothing but the phases elsewhere. */
function terminal(): ProgressPort {
  let start = performance.now();
  let last = 0;
  return {
    log: (_level, message) => void process.stderr.write(`${message}\n`),
    progress({ target, done, total, unit, bytes }: Progress) {
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

function show(report: CommandReport): void {
  const lines = [
    ...report.findings.map(lineOf),
    ...(isDry(report)
      ? report.changes.map((change) => `${change.summary}${change.target.startsWith('ROWS') ? '' : ';'}`)
      : []),
    ...resultLines(report),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const lineOf = (item: Finding): string =>
  `${SIGNS[item.severity]} ${item.message}${item.remedy === '' ? '' : `${item.message.includes('\n') ? '\n' : ' '}${item.remedy}`}`;

interface TableLine {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly checksum?: string;
}

const resultOf = (report: CommandReport): { tables: readonly TableLine[]; dryRun?: boolean } | undefined =>
  report.result as { tables: readonly TableLine[]; dryRun?: boolean } | undefined;

const isDry = (report: CommandReport): boolean => resultOf(report)?.dryRun === true;

function resultLines(report: CommandReport): string[] {
  const result = resultOf(report);
  if (result === undefined) return [];
  const verb = result.dryRun === true ? 'would be copied, about' : 'copied and verified:';
  return [
    ...result.tables.map(
      (table) =>
        `✓ ${table.name} ${verb} ${table.rows.toLocaleString('en-US')} rows, ${table.bytes.toLocaleString('en-US')} bytes${table.checksum === undefined ? '' : `, ${table.checksum}`}`,
    ),
    ...report.steps.map((step) => `✓ ${step.id} in ${((step.ms ?? 0) / 1000).toFixed(1)} s`),
  ];
}
