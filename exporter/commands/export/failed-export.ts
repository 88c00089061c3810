import { EXIT, type PlatformError } from '../../../contracts/errors.ts';
import { STEP_IDS } from '../../../contracts/plan.ts';
import { endJob, endStep } from '../../../registry-api/store/jobs.ts';
import { compensate, exitAfterRollback } from '../../engine/compensate.ts';
import type { ExportCommand } from './export-flags.ts';
import { CancelledError, RefusedError, toPlatformError } from '../../core/failures.ts';
import { closeGates } from '../../engine/gates.ts';
import { connectionLost, reconnect, stillConnected } from '../../engine/reconnect.ts';
import { endRun, must, type Run } from '../../engine/run.ts';
import type { Step } from '../../core/step.ts';
import { wasAskedThroughApi } from '../../engine/watch-for-cancel.ts';

/** Says why an export failed, takes back everything that it has done, and ends the run. */
export async function endFailedExport(
  run: Run,
  command: ExportCommand,
  step: Step,
  thrown: unknown,
): Promise<void> {
  const connected = run.session === null || (await stillConnected(run.session));
  const error = connected ? reasonOf(run, thrown) : connectionLost(run.session);
  if (error instanceof RefusedError || run.journal === null) {
    await refuse(run, command, error);
    return;
  }
  run.report.log('error', error.message);
  run.reporter.line();
  run.reporter.line(
    error instanceof CancelledError
      ? `✗ ${error.message}`
      : `✗ Export failed: ${step.title}: ${error.message.split('\n')[0] ?? ''}`,
  );
  closeGates(
    run,
    error instanceof CancelledError ? 'the export was interrupted' : `${step.title} failed before them`,
  );
  run.findings.push({
    code: error.code,
    severity: 'error',
    step: step.id,
    message: error.message,
    remedy: `Correct the cause, then export again: npx gulp export --tool-id=${command.request.toolId}`,
  });
  if (!connected && !(await reconnect(run, command.request.toolId))) {
    await endWithEffects(run);
    return;
  }
  try {
    await takeBack(run, command, step, error);
  } catch (failure) {
    run.report.log('error', toPlatformError(failure).message);
    await endWithEffects(run);
  }
}

async function takeBack(run: Run, command: ExportCommand, step: Step, error: PlatformError): Promise<void> {
  const { client } = must(run.session, 'the session');
  const elapsed = run.steps.find((row) => row.id === step.id)?.ms ?? 0;
  await endStep(client, must(run.jobId, 'the job'), step.id, 'failed', elapsed);
  run.reporter.line();
  run.reporter.line(`Rolling back export of '${command.request.toolId}'...`);
  run.reporter.line();
  const reason = { code: error.code, message: error.message, step: step.id };
  const debris = await compensate(run, {
    status: error instanceof CancelledError && (await wasAskedThroughApi(run)) ? 'cancelled' : 'rolled_back',
    error: reason,
  });
  await endRun(
    run,
    exitAfterRollback(debris, error instanceof CancelledError ? EXIT.interrupted : EXIT.rolledBack),
  );
}

/** The cause: somebody who asked to stop comes before whatever broke because of it. */
function reasonOf(run: Run, thrown: unknown): PlatformError {
  const { signal } = run.interrupts;
  return toPlatformError(signal.aborted ? signal.reason : thrown);
}

/** The rollback could not be carried out now. Whoever runs it later finds everything in the journal. */
async function endWithEffects(run: Run): Promise<void> {
  const remedy = `npx gulp rollback --job-id=${run.jobId ?? ''}`;
  const message = 'What was done may still be there: npx gulp status says';
  run.findings.push({
    code: 'rollback-incomplete',
    severity: 'error',
    step: 'infrastructure',
    message,
    remedy,
  });
  run.reporter.line(`${message}. Run: ${remedy}`);
  await endRun(run, EXIT.rollbackIncomplete);
}

/** Nothing has been changed: say why, and leave. */
async function refuse(run: Run, command: ExportCommand, error: PlatformError): Promise<void> {
  if (error instanceof RefusedError) {
    for (const finding of error.findings.filter((f) => !run.findings.includes(f))) {
      run.findings.push(finding);
      run.reporter.finding(finding);
    }
  } else {
    run.findings.push({
      code: error.code,
      severity: 'error',
      step: 'preflight',
      message: error.message,
      remedy: '',
    });
    run.reporter.tick('error', error.message);
  }
  run.reporter.line();
  const exitCode =
    error instanceof CancelledError
      ? EXIT.interrupted
      : error.exitCode === EXIT.usage
        ? EXIT.usage
        : EXIT.refused;
  run.reporter.line(
    exitCode === EXIT.interrupted
      ? '✗ Interrupted. Nothing was changed.'
      : '✗ Export refused. Nothing was changed.',
  );
  closeGates(
    run,
    exitCode === EXIT.interrupted ? 'the export was interrupted' : 'the export was refused before them',
  );
  if (command.jobId !== null && run.session !== null)
    await endJob(run.session.client, command.jobId, {
      status: error instanceof CancelledError && (await wasAskedThroughApi(run)) ? 'cancelled' : 'failed',
      error: { code: error.code, message: error.message, step: STEP_IDS[0] },
    });
  await endRun(run, exitCode);
}
