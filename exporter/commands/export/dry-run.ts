import { createTwoFilesPatch } from 'diff';
import type { Change } from '../../../contracts/plan.ts';
import { isBinary, sizeOf } from '../../core/file-content.ts';
import type { FindOperation, Step } from '../../core/step.ts';
import type { Planned } from '../../engine/states.ts';

/** Prints one step of a dry run. `false`: only a real run can execute this step. */
export function printDryRunStep(run: Planned, step: Step): boolean {
  const { report, reporter, plan, operationOf } = run;
  if (step.id === 'health') {
    reporter.line('  (Dry-run: skipped)');
    return false;
  }
  reporter.line('  (Dry-run: validating only, nothing is changed)');
  for (const change of plan.changes)
    if (change.step === step.id) report.log('success', operationOf(change).would(change));
  return true;
}

/** Prints the whole plan: every file with its diff, every statement, every reference across the boundary. */
export function printPlanDetails({ reporter, plan, operationOf }: Planned): void {
  reporter.line(
    `Plan ${plan.digest.slice(0, 12)} of commit ${plan.commit.slice(0, 12)}: ${plan.changes.length} changes, ${plan.cutover} cut-over`,
  );
  for (const change of plan.changes) {
    reporter.line(`- [${change.step}] ${change.kind} ${change.target}`);
    for (const text of detailsOf(change, operationOf)) reporter.line(text);
  }
  reporter.line();
}

function detailsOf(change: Change, operationOf: FindOperation): readonly string[] {
  const operation = operationOf(change);
  if (operation.details !== undefined) return operation.details(change);
  const { after, before } = change;
  if (isText(after) && (before === null || isText(before)))
    return [diffOf(change.target, before?.text ?? null, after.text)];
  if (hasFiles(after))
    return Object.entries(after.files).map(([file, text]) => diffOf(`${change.target}/${file}`, null, text));
  return [];
}

/** Of lock files only the size is shown: no reader needs their text. */
function diffOf(file: string, before: string | null, after: string): string {
  if (file.endsWith('package-lock.json'))
    return `+++ ${file} (${after.split('\n').length} lines, cut from the root lock file)`;
  if (isBinary(after)) return `+++ ${file} (binary, ${sizeOf(after)} bytes)`;
  return createTwoFilesPatch(
    before === null ? '/dev/null' : `a/${file}`,
    `b/${file}`,
    before ?? '',
    after,
    undefined,
    undefined,
    {
      context: 3,
    },
  ).replace(/^=+\n/, '');
}

function isText(value: unknown): value is { readonly text: string } {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';
}

function hasFiles(value: unknown): value is { readonly files: Readonly<Record<string, string>> } {
  return typeof value === 'object' && value !== null && 'files' in value && typeof value.files === 'object';
}
