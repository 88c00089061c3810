import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import {
  dropFenceCommand,
  type ExtractionPlan,
  finding,
  KeptAfterSwitch,
  messageOf,
  type ReadExtraction,
  RollbackFailed,
  statementsOf,
} from '../../../extraction/index.ts';

/** What a run has read and done until now: part of its report, however it ends. */
export interface RunState {
  prepared: ReadExtraction | null;
  readonly steps: { id: string; status: string; ms: number | null }[];
}

interface Outcome extends RunState {
  readonly exitCode: number;
  readonly result?: unknown;
  readonly extra?: readonly Finding[];
}

/** The report of a run that has ended without an error, or was refused. */
export function report(outcome: Outcome): CommandReport {
  const plan = outcome.prepared?.plan ?? null;
  return {
    ok: outcome.exitCode === EXIT.done,
    exitCode: outcome.exitCode,
    findings: [...(outcome.prepared?.findings ?? []), ...(outcome.extra ?? [])],
    changes: plan === null ? [] : changesOf(plan),
    steps: outcome.steps,
    ...(outcome.result === undefined ? {} : { result: outcome.result }),
  };
}

/** The report of a run that has failed: the error is a finding. */
export function failed(error: unknown, state: RunState & { readonly aborted: boolean }): CommandReport {
  const exitCode = exitCodeOf(error, state.aborted);
  const extra = finding({
    severity: 'error',
    code: codeOf(error, state.aborted),
    message: messageOf(error),
    remedy: remedyOf(error, exitCode),
  });
  return report({ ...state, exitCode, extra: [extra] });
}

function codeOf(error: unknown, aborted: boolean): string {
  if (error instanceof KeptAfterSwitch) return 'rollback-incomplete';
  if (aborted) return 'cancelled';
  return error instanceof PlatformError ? error.code : 'step-failed';
}

function exitCodeOf(error: unknown, aborted: boolean): number {
  if (error instanceof RollbackFailed || error instanceof KeptAfterSwitch) return EXIT.rollbackIncomplete;
  if (aborted) return EXIT.interrupted;
  return error instanceof PlatformError ? error.exitCode : EXIT.rolledBack;
}

function remedyOfKept({ names, reverse }: KeptAfterSwitch): string {
  const follows = reverse ? ` and follows the target by the subscription ${names.back}` : '';
  return `The target is kept, because it has taken writes since the switch, or may have; the source refuses writes${follows}. Correct the rows in the target; or go back: move its writes to the source, then run in the source ${dropFenceCommand(names.out)}`;
}

function remedyOf(error: unknown, exitCode: number): string {
  if (error instanceof RollbackFailed) return `Run in the target: ${error.commands.join(' ')}`;
  if (error instanceof KeptAfterSwitch) return remedyOfKept(error);
  if (exitCode === EXIT.usage) return 'npx gulp extract --source=URL --target=URL --tables=a,"B",s.c';
  return exitCode === EXIT.refused
    ? 'Nothing was changed.'
    : 'The target is rolled back. Correct the cause, then run the command again.';
}

function changesOf(plan: ExtractionPlan): CommandReport['changes'] {
  const change = (target: string, summary: string): CommandReport['changes'][number] => ({
    step: 'database',
    target,
    summary,
  });
  return [
    ...plan.before.map((item) => change(item.id, item.sql)),
    ...plan.tables.map((table) =>
      change(
        `ROWS ${table.name}`,
        `COPY ${table.name} (${table.format}), about ${Math.round(table.rows)} rows, ${table.bytes} bytes`,
      ),
    ),
    ...plan.sequences.map((sequence) => change(`POSITION ${sequence.name}`, `setval of ${sequence.name}`)),
    ...[...plan.indexes, ...plan.constraints, ...plan.after].map((item) => change(item.id, item.sql)),
  ];
}

/** The result of a dry run. */
export const dryResult = (plan: ExtractionPlan | null): unknown =>
  plan === null
    ? undefined
    : {
        dryRun: true,
        ddl: statementsOf(plan).map((item) => `${item.sql};`),
        tables: plan.groups.map((group) => {
          const members = plan.tables.filter((table) => group.tables.includes(table.name));
          return {
            name: group.name,
            rows: members.reduce((sum, table) => sum + Math.round(table.rows), 0),
            bytes: members.reduce((sum, table) => sum + table.bytes, 0),
            estimated: true,
          };
        }),
      };
