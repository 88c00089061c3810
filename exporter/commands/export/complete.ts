import { EXIT } from '../../../contracts/errors.ts';
import type { CutoverResult } from '../../../contracts/job.ts';
import { endJob } from '../../../registry-api/store/jobs.ts';
import { readFencedMs } from '../../../registry-api/store/journal.ts';
import { stepsAfterExport } from '../../core/next-steps.ts';
import { duration, printSteps, stepTimes } from '../../core/reporter.ts';
import { CUTOVER_RESULT } from '../../core/streams.ts';
import { gatesOf, printGates } from '../../engine/gates.ts';
import { endRun, type Planned, type Running } from '../../engine/states.ts';
import { printPlanDetails } from './dry-run.ts';
import type { ExportCommand } from './export-flags.ts';
import type { JobOfRun } from './export-state.ts';
import { summarize } from './summarize.ts';

export async function completeDryRun(run: Planned & JobOfRun): Promise<void> {
  const { reporter, memory, plan, jobId, findings, report, session } = run;
  printPlanDetails(run);
  reporter.line('✅ Dry-run completed successfully: all checks passed');
  reporter.line(`   Export is ready to run for real: npx gulp export --tool-id=${plan.toolId}`);
  const gates = gatesOf(memory, plan.runtime, 'a dry run builds nothing to test');
  printGates(reporter, gates);
  const cutover: CutoverResult = { mode: plan.cutover };
  if (jobId !== null) {
    await report.flush();
    const result = { findings, plan, cutover };
    await endJob(session.client, jobId, { status: 'completed', error: null, result });
  }
  await endRun(run, EXIT.done, { plan, cutover, gates });
}

export async function complete(run: Running, { request }: ExportCommand): Promise<void> {
  const { reporter, report, memory, session, jobId, plan } = run;
  // An export that an older version has begun may be past the point at which a newer gate runs
  const gates = gatesOf(memory, plan.runtime, 'the version that started this job did not have this gate');
  const fencedMs = await readFencedMs(session.client, jobId);
  const summary = summarize({ plan, kept: memory.all(), gates, fencedMs });
  const result = { ...memory.all(), gates, summary };
  await report.flush();
  await endJob(session.client, jobId, { status: 'completed', error: null, result });
  reporter.line(`✅ Export completed successfully in ${duration(performance.now() - run.startedAt)}`);
  if (summary.serviceUrl !== '') {
    reporter.line();
    reporter.line(`${summary.name} is now running as a microservice!`);
    reporter.line(`   • API: ${summary.serviceUrl}`);
    reporter.line(`   • Health: ${summary.serviceUrl}/health`);
    reporter.line(`   • Gateway: ${summary.gatewayUrl}`);
    reporter.line(`   • Web app: ${summary.webUrl}`);
    reporter.line(
      `   • Cut-over: ${cutoverInWords(memory.get(CUTOVER_RESULT) as CutoverResult | undefined)}`,
    );
    reporter.line(`   • Roll back: npx gulp rollback --tool-id=${request.toolId}`);
  }
  printSteps(reporter, stepsAfterExport(request.toolId));
  printGates(reporter, gates);
  reporter.aside(stepTimes(run.steps));
  await endRun(run, EXIT.done, result);
}

/** @param cutover missing when an older version has begun the export */
function cutoverInWords({ mode, pauseMs }: CutoverResult = { mode: 'fenced' }): string {
  if (pauseMs !== undefined) return `live, writes waited ${pauseMs} ms`;
  return mode === 'live' ? 'live, without tables' : 'fenced, writes were refused from the copy to the switch';
}
