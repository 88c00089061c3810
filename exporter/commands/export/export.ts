import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { EXIT, PlatformError } from '../../../contracts/errors.ts';
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
import { createFilesPort } from '../../adapters/files/files.ts';
import { createContainersPort } from '../../adapters/docker/index.ts';
import { readGitState } from '../../adapters/git/git.ts';
import { createGatewayPort } from '../../adapters/nginx/gateway.ts';
import { endOrphans } from '../../adapters/processes/orphans.ts';
import { TaskFailed } from '../../cli/task.ts';
import { RefusedError } from '../../core/failures.ts';
import { duration } from '../../core/reporter.ts';
import type { Step } from '../../core/step.ts';
import { protectUndo } from '../../engine/compensate.ts';
import { executeStep } from '../../engine/executor.ts';
import { gatesOf, printGates } from '../../engine/gates.ts';
import { openDatabase } from '../../engine/open-database.ts';
import { checkSteps, makePlan, readSteps } from '../../engine/plan.ts';
import { findInterrupted, refuseUnfinishedJob } from '../../engine/resume.ts';
import { reopenService } from '../../engine/service-writes.ts';
import { describeOwner, openSession } from '../../engine/session.ts';
import { refuseLostPlatform, refuseStalePlan, refuseStaleResumption } from '../../engine/stale.ts';
import {
  endRun,
  timed,
  withPorts,
  type Connected,
  type Opened,
  type Planned,
  type Running,
  type Stopwatch,
} from '../../engine/states.ts';
import { watchForCancel } from '../../engine/watch-for-cancel.ts';
import { PIPELINE } from '../../pipeline.ts';
import { actor, openRun } from '../open-run.ts';
import { toolName } from '../tool-name.ts';
import { printDryRunStep, printPlanDetails } from './dry-run.ts';
import { readSharedFacts } from './read-shared-facts.ts';
import { parseExportCommand, type ExportCommand } from './export-flags.ts';
import type { ExportState, JobOfRun } from './export-state.ts';
import { endFailedExport } from './failed-export.ts';

/** The tasks of one `gulp export`. They run in order, and share the state of the export and nothing else. */
export interface ExportTasks {
  /** Reads the command line. */
  open(argv: readonly string[]): Promise<void>;
  /** One step. When it fails, everything done so far is rolled back before the task fails. */
  runStep(step: Step): Promise<void>;
  /** Completes the job. */
  close(): Promise<void>;
}

export function exportTasks(): ExportTasks {
  let current: { readonly command: ExportCommand; state: ExportState } | null = null;
  const begun = (): NonNullable<typeof current> => {
    if (current === null)
      throw new PlatformError('usage', 'Run the whole series: npx gulp export --tool-id=ID');
    return current;
  };
  return {
    open(argv) {
      const command = parseExportCommand(argv);
      const root = findRepositoryRoot(process.cwd());
      const run = openRun({ root, settings: parseSettings(process.env), json: command.json });
      current = { command, state: { phase: 'opened', run: { ...run, jobId: command.jobId } } };
      run.interrupts.signal.addEventListener('abort', () => {
        const { state } = begun();
        if (state.phase === 'running') protectUndo(state.run);
        else run.interrupts.protect(() => run.reporter.line('Stopping. Nothing has been changed.'));
      });
      return Promise.resolve();
    },
    async runStep(step) {
      const series = begun();
      const { report, reporter, steps } = series.state.run;
      const advance = (state: ExportState): void => void (series.state = state);
      try {
        report.step = step.id;
        if (series.state.phase === 'opened') await connect(series.state.run, series.command, advance);
        reporter.line(`[${PIPELINE.indexOf(step) + 1}/${PIPELINE.length}] ${step.title}...`);
        await timed({ steps }, step.id, (elapsed) => advanceBy(step, series, advance, elapsed));
        reporter.line();
      } catch (error) {
        await endFailedExport(series.state, series.command, step, error);
        throw new TaskFailed(`${step.title} failed; the reason is above`);
      }
    },
    async close() {
      const { state, command } = begun();
      if (state.phase === 'running') await complete(state.run, command);
      else if (state.phase === 'dry') await completeDryRun(state.run);
    },
  };
}

async function advanceBy(
  step: Step,
  { state, command }: { readonly state: ExportState; readonly command: ExportCommand },
  advance: (state: ExportState) => void,
  elapsed: Stopwatch,
): Promise<void> {
  if (state.phase === 'connected') await preflight(state.run, command, advance, elapsed);
  else if (state.phase === 'dry') await executeDry(state.run, step, elapsed);
  else if (state.phase === 'running') await execute(state.run, step, elapsed);
}

async function connect(
  run: Opened & JobOfRun,
  command: ExportCommand,
  advance: (state: ExportState) => void,
): Promise<void> {
  const { toolId, dryRun } = command.request;
  const { reporter, interrupts, memory } = run;
  const mode = dryRun ? ' (DRY-RUN MODE)' : '';
  reporter.line(`Starting export of '${await toolName(run.root, toolId)}'${mode}`);
  const databaseUrl = await openDatabase(run, { migrate: !dryRun });
  const session = await openSession(databaseUrl, `export ${toolId}`);
  session.lost.addEventListener('abort', () => interrupts.cancel('the loss of the lock'));
  advance({ phase: 'connected', run: { ...run, databaseUrl, session } });
  // A dry run that the API has started is a job: it takes the lock, which shows others when it dies
  if (!dryRun || command.jobId !== null) {
    await session.lock(toolId);
    await interruptPredecessors(session.client, toolId, command.jobId);
    const jobId = command.jobId ?? (command.resume ? null : randomUUID());
    if (jobId !== null) {
      reporter.line(`Job ID: ${jobId}`);
      memory.attach(session.client, jobId);
    }
    advance({ phase: 'connected', run: { ...run, databaseUrl, session, jobId } });
  }
  reporter.line();
}

/** The first step: reads all facts, checks them, and makes the plan; or finds the job to resume. */
async function preflight(
  run: Connected & JobOfRun,
  command: ExportCommand,
  advance: (state: ExportState) => void,
  elapsed: Stopwatch,
): Promise<void> {
  const { request } = command;
  if (command.resume) {
    await resume(run, request.toolId, advance, elapsed);
    return;
  }
  if (!request.dryRun) await refuseUnfinishedJob(run.session, request.toolId, command.jobId);
  const { plan, servicePort } = await planExport(run, command);
  if (request.dryRun) {
    advance({ phase: 'dry', run: { ...run, plan } });
    if (run.jobId !== null) await startDryJob({ ...run, plan, jobId: run.jobId }, servicePort, elapsed);
    return;
  }
  const jobId = run.jobId ?? randomUUID();
  if (command.jobId === null)
    await createJob(run.session.client, {
      id: jobId,
      toolId: request.toolId,
      options: { dryRun: false, runtime: request.runtime, cutover: request.cutover },
      actor: actor(),
      steps: PIPELINE.map(({ id, title }) => ({ id, title })),
    });
  const running: Running = { ...run, plan, jobId, journal: openJournal(run.session.client, jobId) };
  await startJob(run.session.client, jobId, { owner: describeOwner(), plan, servicePort });
  advance({ phase: 'running', run: running });
  await endPreflight(running, elapsed);
}

async function planExport(
  run: Connected,
  { request }: ExportCommand,
): Promise<{ readonly plan: Planned['plan']; readonly servicePort: number }> {
  const shared = await readSharedFacts(run, request);
  const { root, settings, report } = run;
  const read = await readSteps(PIPELINE, shared, {
    root,
    sourceUrl: run.databaseUrl,
    files: createFilesPort(root, path.resolve(root, settings.stateDir, 'tmp')),
    gateway: createGatewayPort({ root, settings }),
    containers: createContainersPort({ root, settings, report }),
  });
  for (const { step, facts } of read) for (const verdict of step.gates?.(facts) ?? []) report.gate(verdict);
  const findings = checkSteps(read);
  run.findings.push(...findings);
  for (const finding of findings) show(run, finding);
  if (findings.some((f) => f.severity === 'error')) throw refused(findings);
  const plan = makePlan(shared, read);
  const warnings = findings.filter((f) => f.severity === 'warning').length;
  report.log(
    'success',
    `All checks passed: ${plan.changes.length} changes planned${warnings === 0 ? '' : ` (warnings above: ${warnings})`}`,
  );
  return { plan, servicePort: shared.servicePort };
}

async function resume(
  run: Connected,
  toolId: string,
  advance: (state: ExportState) => void,
  elapsed: Stopwatch,
): Promise<void> {
  const { session, memory, report } = run;
  const { id: jobId, plan, result, open } = await findInterrupted(session, toolId);
  memory.load(result);
  memory.attach(session.client, jobId);
  report.log('success', `Resuming job ${jobId}: ${open} of ${plan.changes.length} changes were started`);
  // A service may be running and taking requests: whether to roll it back is its owner's decision
  refuseStaleResumption(plan, await readGitState(run.root));
  await endOrphans(jobId);
  const running: Running = { ...run, jobId, plan, journal: openJournal(session.client, jobId) };
  await startJob(session.client, jobId, { owner: describeOwner(), plan: null, servicePort: null });
  advance({ phase: 'running', run: running });
  await endPreflight(running, elapsed);
  await reopenService(running);
}

async function startDryJob(
  run: Planned & { readonly jobId: string },
  servicePort: number,
  elapsed: Stopwatch,
): Promise<void> {
  await startJob(run.session.client, run.jobId, { owner: describeOwner(), plan: run.plan, servicePort });
  await endPreflight(run, elapsed);
}

/** Connects the run with its job: the API shows its progress, and can cancel it from here on. */
async function endPreflight(run: Connected & { readonly jobId: string }, elapsed: Stopwatch): Promise<void> {
  const { client } = run.session;
  run.report.attach(client, run.jobId);
  run.memory.attach(client, run.jobId);
  watchForCancel(run);
  await beginStep(client, run.jobId, 'preflight');
  await endStep(client, run.jobId, 'preflight', 'completed', elapsed());
}

function show({ report, reporter }: Opened, finding: Finding): void {
  if (finding.severity === 'info') report.log('success', finding.message);
  else reporter.finding(finding);
}

/** A request that is not supported yet is an error of the command, not of the tool: exit code 2. */
function refused(findings: readonly Finding[]): RefusedError {
  const early = findings.some((f) => f.severity === 'error' && f.code === 'not-supported');
  return new RefusedError(early ? 'not-supported' : 'step-failed', findings);
}

async function execute(run: Running, step: Step, elapsed: Stopwatch): Promise<void> {
  const { session, jobId, plan, interrupts } = run;
  await beginStep(session.client, jobId, step.id);
  await withPorts(run, interrupts.signal, async (ports) => {
    refuseStalePlan(plan, await ports.git.state());
    await refuseLostPlatform(run, plan.toolId, ports.platform);
    await executeStep(step.id, plan, { ...run, ports });
  });
  await endStep(session.client, jobId, step.id, 'completed', elapsed());
}

/** Changes nothing. A dry run that the API has started logs the planned changes in its job. */
async function executeDry(run: Planned & JobOfRun, step: Step, elapsed: Stopwatch): Promise<void> {
  if (run.jobId === null) {
    printDryRunStep(run, step);
    return;
  }
  const { client } = run.session;
  await beginStep(client, run.jobId, step.id);
  const printed = printDryRunStep(run, step);
  await endStep(client, run.jobId, step.id, printed ? 'completed' : 'skipped', elapsed());
}

async function completeDryRun(run: Planned & JobOfRun): Promise<void> {
  const { reporter, memory, plan, jobId, findings, report, session } = run;
  printPlanDetails(run);
  reporter.line('✅ Dry-run completed successfully: all checks passed');
  reporter.line('   Export is ready to run for real.');
  const gates = gatesOf(memory, plan.runtime, 'a dry run builds nothing to test');
  printGates(reporter, gates);
  if (jobId !== null) {
    await report.flush();
    await endJob(session.client, jobId, { status: 'completed', error: null, result: { findings, plan } });
  }
  await endRun(run, EXIT.done, { plan, gates });
}

async function complete(run: Running, { request }: ExportCommand): Promise<void> {
  const { reporter, report, memory, session, jobId, plan } = run;
  // An export that an older version has begun may be past the point at which a newer gate runs
  const gates = gatesOf(memory, plan.runtime, 'the version that started this job did not have this gate');
  const result = { ...memory.all(), gates };
  await report.flush();
  await endJob(session.client, jobId, { status: 'completed', error: null, result });
  reporter.line(`✅ Export completed successfully in ${duration(performance.now() - run.startedAt)}`);
  const summary = memory.get('summary') as
    { name: string; serviceUrl: string; gatewayUrl: string; webUrl: string } | undefined;
  if (summary !== undefined) {
    reporter.line();
    reporter.line(`${summary.name} is now running as a microservice!`);
    reporter.line(`   • API: ${summary.serviceUrl}`);
    reporter.line(`   • Health: ${summary.serviceUrl}/health`);
    reporter.line(`   • Gateway: ${summary.gatewayUrl}`);
    reporter.line(`   • Web app: ${summary.webUrl}`);
    reporter.line(`   • Roll back: npx gulp rollback --tool-id=${request.toolId}`);
  }
  printGates(reporter, gates);
  await endRun(run, EXIT.done, result);
}
