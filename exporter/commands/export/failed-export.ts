import { EXIT, type PlatformError } from '../../../contracts/errors.ts';
import { STEP_IDS } from '../../../contracts/plan.ts';
import { endJob, endStep } from '../../../registry-api/store/jobs.ts';
import {
  CancelledByRequest,
  CancelledBySignal,
  CancelledError,
  RefusedError,
  toPlatformError,
} from '../../core/failures.ts';
import { printSteps } from '../../core/reporter.ts';
import type { Step } from '../../core/step.ts';
import { compensate, exitAfterRollback } from '../../engine/compensate.ts';
import { gatesOf, printGates } from '../../engine/gates.ts';
import { connectionLost, reconnect, stillConnected } from '../../engine/reconnect.ts';
import { endRun, type Running } from '../../engine/states.ts';
import { cancelRequested } from '../../engine/watch-for-cancel.ts';
import { rollbackCommand } from '../../engine/writes-report.ts';
import { actor } from '../open-run.ts';
import type { ExportCommand } from './export-flags.ts';
import type { ExportState } from './export-state.ts';

/** Reports why an export failed, rolls back everything that it has done, and ends the run. */
export async function endFailedExport(
  state: ExportState,
  command: ExportCommand,
  step: Step,
  thrown: unknown,
): Promise<void> {
  const session = state.phase === 'opened' ? null : state.run.session;
  const lost = session !== null && !(await stillConnected(session));
  const error = lost ? connectionLost(session) : await reasonOf(state, thrown);
  if (error instanceof RefusedError || state.phase !== 'running') {
    await refuse(state, command, error);
    return;
  }
  const { run } = state;
  const gates = reportFailure(run, step, error);
  const connected = lost ? await reconnect(run) : run;
  if (connected === null) {
    await endWithOrphans(run, { gates });
    return;
  }
  try {
    await rollBack(connected, step, error, { gates });
  } catch (failure) {
    connected.report.log('error', toPlatformError(failure).message);
    await endWithOrphans(connected, { gates });
  }
}

function reportFailure(run: Running, step: Step, error: PlatformError): ReturnType<typeof gatesOf> {
  const { report, reporter, memory, plan, findings } = run;
  const cancelled = error instanceof CancelledError;
  report.log(cancelled ? 'warning' : 'error', error.message);
  reporter.line();
  reporter.line(
    cancelled
      ? `✗ ${error.message}`
      : `✗ Export failed: ${step.title}: ${error.message.split('\n')[0] ?? ''}`,
  );
  const gates = gatesOf(
    memory,
    plan.runtime,
    cancelled ? 'the export was interrupted' : `${step.title} failed before them`,
  );
  printGates(reporter, gates);
  findings.push({
    code: error.code,
    severity: 'error',
    step: step.id,
    message: error.message,
    remedy: `Correct the cause, then export again: npx gulp export --tool-id=${plan.toolId}`,
  });
  return gates;
}

async function rollBack(run: Running, step: Step, error: PlatformError, result: object): Promise<void> {
  const { session, jobId, reporter } = run;
  const elapsed = run.steps.find((row) => row.id === step.id)?.ms ?? 0;
  await endStep(session.client, jobId, step.id, 'failed', elapsed);
  reporter.line();
  reporter.line(`Rolling back export of '${run.plan.toolId}'...`);
  reporter.line();
  const cancelled = error instanceof CancelledError;
  const orphans = await compensate(run, {
    status: error instanceof CancelledByRequest ? 'cancelled' : 'rolled_back',
    error: { code: error.code, message: error.message, step: step.id },
    ...(error instanceof CancelledBySignal ? { cancelledBy: actor() } : {}),
  });
  if (orphans.length === 0 && !cancelled)
    printSteps(reporter, [
      `Correct the cause, then export again: npx gulp export --tool-id=${run.plan.toolId}`,
    ]);
  await endRun(run, exitAfterRollback(orphans, cancelled ? EXIT.interrupted : EXIT.rolledBack), result);
}

/** The cause: a cancellation, rather than the failure or the signal that it led to. */
async function reasonOf(state: ExportState, thrown: unknown): Promise<PlatformError> {
  const { signal } = state.run.interrupts;
  const error = toPlatformError(signal.aborted ? signal.reason : thrown);
  if (!(error instanceof CancelledError) || state.phase === 'opened') return error;
  const { session, jobId } = state.run;
  return jobId !== null && (await cancelRequested({ session, jobId })) ? new CancelledByRequest() : error;
}

/** Ends a run whose rollback is not possible now. A later rollback finds all changes in the journal. */
async function endWithOrphans(run: Running, result: object): Promise<void> {
  const remedy = rollbackCommand(run);
  const message = 'Changes of the export may remain. See them with: npx gulp status';
  run.findings.push({
    code: 'rollback-incomplete',
    severity: 'error',
    step: 'infrastructure',
    message,
    remedy,
  });
  run.reporter.line(`${message}. Roll back: ${remedy}`);
  await endRun(run, EXIT.rollbackIncomplete, result);
}

/** Nothing has been changed: reports why, and ends. */
async function refuse(state: ExportState, command: ExportCommand, error: PlatformError): Promise<void> {
  const { run } = state;
  const { findings, reporter, memory } = run;
  if (error instanceof RefusedError) {
    for (const finding of error.findings.filter((f) => !findings.includes(f))) {
      findings.push(finding);
      reporter.finding(finding);
    }
  } else {
    const { code, message } = error;
    findings.push({ code, severity: 'error', step: 'preflight', message, remedy: '' });
    reporter.tick('error', message);
  }
  reporter.line();
  const interrupted = error instanceof CancelledError;
  reporter.line(
    interrupted ? '✗ Interrupted. Nothing was changed.' : '✗ Export refused. Nothing was changed.',
  );
  const runtime = 'plan' in run ? run.plan.runtime : null;
  const gates = gatesOf(
    memory,
    runtime,
    interrupted ? 'the export was interrupted' : 'the export was refused before them',
  );
  printGates(reporter, gates);
  if (command.jobId !== null && state.phase !== 'opened') {
    await endJob(state.run.session.client, command.jobId, {
      status: error instanceof CancelledByRequest ? 'cancelled' : 'failed',
      error: { code: error.code, message: error.message, step: STEP_IDS[0] },
    });
  }
  await endRun(run, exitOf(error), { gates });
}

function exitOf(error: PlatformError): number {
  if (error instanceof CancelledError) return EXIT.interrupted;
  return error.exitCode === EXIT.usage ? EXIT.usage : EXIT.refused;
}
