import { randomUUID } from 'node:crypto';
import { EXIT } from '../../../contracts/errors.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import {
  beginStep,
  createJob,
  endJob,
  endStep,
  interruptPredecessors,
  startJob,
} from '../../../registry-api/store/jobs.ts';
import { openJournal } from '../../../registry-api/store/journal.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';
import { endOrphans } from '../../adapters/processes/orphans.ts';
import { protectUndo } from '../../engine/compensate.ts';
import { printDryRunStep, printPlanDetails } from './dry-run.ts';
import { executeStep } from '../../engine/executor.ts';
import { parseExportCommand, type ExportCommand } from './export-flags.ts';
import { endFailedExport } from './failed-export.ts';
import { RefusedError } from '../../core/failures.ts';
import { openPorts } from '../../adapters/open-ports.ts';
import { PIPELINE } from '../../pipeline.ts';
import { checkAll, makePlan } from '../../engine/plan.ts';
import { duration } from '../../cli/reporter.ts';
import { closeGates, gatesOf } from '../../engine/gates.ts';
import { loadInterrupted, refuseLeftovers } from '../../engine/resume.ts';
import { endRun, must, startRun, timed, type Run, type Stopwatch } from '../../engine/run.ts';
import { describeOwner, openSession } from '../../engine/session.ts';
import { reopenService } from '../../engine/service-writes.ts';
import { refuseLostPlatform, refuseStalePlan } from '../../engine/stale.ts';
import type { Step } from '../../core/step.ts';
import { TaskFailed } from '../../cli/task.ts';
import { toolName } from '../tool-name.ts';
import { openDatabase } from '../../engine/open-database.ts';
import { watchForCancel } from '../../engine/watch-for-cancel.ts';

/** State of the one export of this process, from the first task of the series to the last. */
let current: { readonly run: Run; readonly command: ExportCommand } | null = null;

/** First task: reads the command line. Nothing has been looked at yet. */
export async function openExport(argv: readonly string[]): Promise<void> {
  const command = parseExportCommand(argv);
  const root = findRepositoryRoot(process.cwd());
  const run = startRun({ root, settings: parseSettings(process.env), json: command.json });
  run.jobId = command.jobId;
  run.interrupts.signal.addEventListener('abort', () => protectUndo(run));
  current = { run, command };
  await Promise.resolve();
}

/** A task a step. When the step fails, everything done so far is taken back before the task fails. */
export async function runExportStep(step: Step): Promise<void> {
  const { run, command } = must(current, 'the export');
  const number = PIPELINE.indexOf(step) + 1;
  try {
    run.report.step = step.id;
    if (step.id === 'preflight') await connect(run, command);
    run.reporter.line(`[${number}/${PIPELINE.length}] ${step.title}...`);
    await timed(run, step.id, async (elapsed) => {
      if (step.id === 'preflight') await preflight(run, command, elapsed);
      else if (command.request.dryRun) await executeDry(run, step, elapsed);
      else await execute(run, step, elapsed);
    });
    run.reporter.line();
  } catch (error) {
    await endFailedExport(run, command, step, error);
    throw new TaskFailed(`${step.title} failed; the reason is above`);
  }
}

/** Last task: the job is complete. */
export async function closeExport(): Promise<void> {
  const { run, command } = must(current, 'the export');
  if (command.request.dryRun) {
    printPlanDetails(run);
    run.reporter.line('✅ Dry-run completed successfully: all checks passed');
    run.reporter.line('   Export is ready to run for real.');
    closeGates(run, 'a dry run makes nothing that they could test');
    if (command.jobId !== null) await finishJob(run, { findings: run.findings, plan: run.plan });
    await endRun(run, EXIT.done);
    return;
  }
  const facts = run.facts;
  run.remembered['gates'] = gatesOf(run, NEVER_REACHED);
  await finishJob(run, run.remembered);
  run.reporter.line(`✅ Export completed successfully in ${duration(performance.now() - run.startedAt)}`);
  const summary = run.remembered['summary'] as
    { name: string; serviceUrl: string; gatewayUrl: string; webUrl: string } | undefined;
  if (summary !== undefined) {
    run.reporter.line();
    run.reporter.line(`${summary.name} is now running as a microservice!`);
    run.reporter.line(`   • API: ${summary.serviceUrl}`);
    run.reporter.line(`   • Health: ${summary.serviceUrl}/health`);
    run.reporter.line(`   • Gateway: ${summary.gatewayUrl}`);
    run.reporter.line(`   • Web app: ${summary.webUrl}`);
    run.reporter.line(
      `   • Take it back: npx gulp rollback --tool-id=${facts?.manifest.id ?? command.request.toolId}`,
    );
  }
  run.result = run.remembered;
  closeGates(run, NEVER_REACHED);
  await endRun(run, EXIT.done);
}

/** Of a gate that an export has not run though it was completed: one that went on from a version without it. */
const NEVER_REACHED = 'the export that began this job did not have it';

async function finishJob(run: Run, result: unknown): Promise<void> {
  await run.report.flush();
  await endJob(must(run.session, 'the session').client, must(run.jobId, 'the job'), {
    status: 'completed',
    error: null,
    result,
  });
}

async function connect(run: Run, command: ExportCommand): Promise<void> {
  const { toolId, dryRun } = command.request;
  const mode = dryRun ? ' (DRY-RUN MODE)' : '';
  run.reporter.line(`Starting export of '${await toolName(run.root, toolId)}'${mode}`);
  const url = await openDatabase(run, { migrate: !dryRun });
  run.databaseUrl = url;
  run.session = await openSession(url, `export ${toolId}`);
  run.session.lost.addEventListener('abort', () => run.interrupts.cancel('the loss of the lock'));
  // A dry run that the API has asked for is a job: others wait for it, and see when it dies
  if (!dryRun || command.jobId !== null) {
    await run.session.lock(toolId);
    await interruptPredecessors(run.session.client, toolId, run.jobId);
    run.jobId ??= command.resume ? null : randomUUID();
    if (run.jobId !== null) run.reporter.line(`Job ID: ${run.jobId}`);
  }
  run.reporter.line();
}

async function preflight(run: Run, command: ExportCommand, elapsed: Stopwatch): Promise<void> {
  const session = must(run.session, 'the session');
  const { request } = command;
  if (command.resume) {
    await loadInterrupted(run, request.toolId);
    // A service may be running and taking requests: to take it all back is for its owner to decide
    await refuseStalePlan(run, 'roll-back');
    await endOrphans(must(run.jobId, 'the job'));
    await begin(run, command, elapsed);
    await reopenService(run);
    return;
  }
  if (!request.dryRun) await refuseLeftovers(session, request.toolId, run.jobId);
  // TypeScript's compiler comes with it, which a resumed export has no use for
  const { readFacts } = await import('./read-facts.ts');
  run.facts = await readFacts(run, request);
  const { preflight: asked, backend, frontend, database, infrastructure } = run.facts;
  for (const part of [asked, backend, frontend, database, infrastructure])
    for (const verdict of part.gates ?? []) run.report.gate(verdict);
  const findings = checkAll(run.facts);
  run.findings.push(...findings);
  for (const finding of findings) show(run, finding);
  if (findings.some((f) => f.severity === 'error')) throw refused(findings);
  run.plan = makePlan(run.facts);
  const warnings = findings.filter((f) => f.severity === 'warning').length;
  run.report.log(
    'success',
    `All checks passed: ${run.plan.changes.length} changes planned${warnings === 0 ? '' : ` (warnings above: ${warnings})`}`,
  );
  if (request.dryRun && command.jobId === null) return;
  if (command.jobId === null)
    await createJob(session.client, {
      id: must(run.jobId, 'the job id'),
      toolId: request.toolId,
      options: { dryRun: false, runtime: request.runtime, cutover: request.cutover },
      actor: `${describeOwner().user}@${describeOwner().host}`,
      steps: PIPELINE.map(({ id, title }) => ({ id, title })),
    });
  await begin(run, command, elapsed);
}

async function begin(run: Run, command: ExportCommand, elapsed: Stopwatch): Promise<void> {
  const { client } = must(run.session, 'the session');
  const jobId = must(run.jobId, 'the job id');
  await startJob(client, jobId, {
    owner: describeOwner(),
    plan: run.plan,
    servicePort: run.facts?.servicePort ?? null,
  });
  run.report.attach(client, jobId);
  if (!command.request.dryRun) run.journal = openJournal(client, jobId);
  watchForCancel(run);
  await beginStep(client, jobId, 'preflight');
  await endStep(client, jobId, 'preflight', 'completed', elapsed());
}

function show(run: Run, finding: Finding): void {
  if (finding.severity === 'info') run.report.log('success', finding.message);
  else run.reporter.finding(finding);
}

/** What is not supported yet is a mistake in the command, not in the tool: exit code 2. */
function refused(findings: readonly Finding[]): RefusedError {
  const early = findings.some((f) => f.severity === 'error' && f.code === 'not-supported');
  return new RefusedError(early ? 'not-supported' : 'step-failed', findings);
}

async function execute(run: Run, step: Step, elapsed: Stopwatch): Promise<void> {
  const { client } = must(run.session, 'the session');
  const jobId = must(run.jobId, 'the job');
  await beginStep(client, jobId, step.id);
  await refuseStalePlan(run);
  await refuseLostPlatform(run);
  const ports = openPorts(run, run.interrupts.signal);
  try {
    await executeStep(step.id, must(run.plan, 'the plan'), must(run.journal, 'the journal'), ports);
  } finally {
    await ports.close();
  }
  await endStep(client, jobId, step.id, 'completed', elapsed());
}

/** Nothing is done, and the job of whoever asked for it through the API says what would be. */
async function executeDry(run: Run, step: Step, elapsed: Stopwatch): Promise<void> {
  if (run.jobId === null) {
    printDryRunStep(run, step);
    return;
  }
  const { client } = must(run.session, 'the session');
  await beginStep(client, run.jobId, step.id);
  const printed = printDryRunStep(run, step);
  await endStep(client, run.jobId, step.id, printed ? 'completed' : 'skipped', elapsed());
}
