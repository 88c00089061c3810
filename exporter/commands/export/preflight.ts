import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { CutoverResult } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { beginStep, createJob, endStep, peopleOfJob, startJob } from '../../../registry-api/store/jobs.ts';
import { openJournal } from '../../../registry-api/store/journal.ts';
import { createContainersPort } from '../../adapters/docker/index.ts';
import { buildCacheFolder } from '../../core/build-cache.ts';
import { createFilesPort } from '../../adapters/files/files.ts';
import { createFormattedTexts } from '../../adapters/files/formatted-texts.ts';
import { readGitState } from '../../adapters/git/git.ts';
import { createGatewayPort } from '../../adapters/nginx/gateway.ts';
import { endOrphans } from '../../adapters/processes/orphans.ts';
import { RefusedError } from '../../core/failures.ts';
import { CUTOVER_RESULT } from '../../core/streams.ts';
import { undoOutdatedRows } from '../../engine/executor.ts';
import { checkSteps, makePlan, readSteps } from '../../engine/plan.ts';
import { resumeLive } from '../../engine/live-return.ts';
import { findInterrupted, refuseUnfinishedJob } from '../../engine/resume.ts';
import { reopenService } from '../../engine/service-writes.ts';
import { describeOwner } from '../../engine/session.ts';
import { refuseStaleResumption } from '../../engine/stale.ts';
import {
  withPorts,
  type Connected,
  type Opened,
  type Planned,
  type Running,
  type Stopwatch,
} from '../../engine/states.ts';
import { watchForCancel } from '../../engine/watch-for-cancel.ts';
import { PIPELINE } from '../../pipeline.ts';
import { actor } from '../open-run.ts';
import type { ExportCommand } from './export-flags.ts';
import type { ExportState, JobOfRun } from './export-state.ts';
import { readSharedFacts } from './read-shared-facts.ts';

/** The first step: reads all facts, checks them, and makes the plan; or finds the job to resume. */
export async function preflight(
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
  const running: Running = {
    ...run,
    plan,
    jobId,
    journal: openJournal(run.session.client, jobId),
    actor: (await peopleOfJob(run.session.client, jobId)).actor,
  };
  await startJob(run.session.client, jobId, { owner: describeOwner(), plan, servicePort });
  await run.memory.keep(CUTOVER_RESULT, { mode: plan.cutover } satisfies CutoverResult);
  advance({ phase: 'running', run: running });
  await endPreflight(running, elapsed);
}

async function planExport(
  run: Connected,
  { request }: ExportCommand,
): Promise<{ readonly plan: Planned['plan']; readonly servicePort: number }> {
  const shared = await readSharedFacts(run, request);
  const { root, settings, report } = run;
  const formatted = buildCacheFolder(root, settings, 'formatted');
  const read = await readSteps(PIPELINE, shared, {
    root,
    sourceUrl: run.databaseUrl,
    files: createFilesPort(root, path.resolve(root, settings.stateDir)),
    gateway: createGatewayPort({ root, settings }),
    containers: createContainersPort({ root, settings, report }),
    ...(formatted === null ? {} : { formatted: createFormattedTexts(formatted) }),
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
    `All checks passed: ${plan.changes.length} changes planned, ${plan.cutover} cut-over${warnings === 0 ? '' : ` (warnings above: ${warnings})`}`,
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
  // A refusal reports the job that it leaves as it is
  advance({ phase: 'connected', run: { ...run, jobId } });
  memory.load(result);
  memory.attach(session.client, jobId);
  report.log('success', `Resuming job ${jobId}: ${open} of ${plan.changes.length} changes were started`);
  // A service may be running and taking requests: whether to roll it back is its owner's decision
  refuseStaleResumption(plan, await readGitState(run.root));
  await endOrphans(jobId);
  const running: Running = {
    ...run,
    jobId,
    plan,
    journal: openJournal(session.client, jobId),
    actor: (await peopleOfJob(session.client, jobId)).actor,
  };
  await startJob(session.client, jobId, {
    owner: describeOwner(),
    plan: null,
    servicePort: null,
    resumed: true,
  });
  advance({ phase: 'running', run: running });
  await endPreflight(running, elapsed);
  await withPorts(running, running.interrupts.signal, (ports) => undoOutdatedRows({ ...running, ports }));
  await reopenService(running);
  await resumeLive(running);
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
  watchForCancel(run);
  await beginStep(client, run.jobId, 'preflight');
  await endStep(client, run.jobId, 'preflight', 'completed', elapsed());
}

function show({ report, reporter }: Opened, finding: Finding): void {
  const { severity, message, remedy } = finding;
  if (severity !== 'info') reporter.finding(finding);
  else if (remedy === '') report.log('success', message);
  else report.log('info', `${message}\n${remedy}`);
}

/** A request that is not supported yet is an error of the command, not of the tool: exit code 2. */
function refused(findings: readonly Finding[]): RefusedError {
  const early = findings.some((f) => f.severity === 'error' && f.code === 'not-supported');
  return new RefusedError(early ? 'not-supported' : 'step-failed', findings);
}
