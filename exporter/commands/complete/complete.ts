import { createInterface } from 'node:readline/promises';
import { EXIT, type PlatformError } from '../../../contracts/errors.ts';
import type { Plan } from '../../../contracts/plan.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { interruptPredecessors } from '../../../registry-api/store/jobs.ts';
import { openJournal } from '../../../registry-api/store/journal.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { TaskFailed } from '../../cli/task.ts';
import { toPlatformError } from '../../core/failures.ts';
import { duration } from '../../core/reporter.ts';
import type { Orphan } from '../../engine/executor.ts';
import { openSession } from '../../engine/session.ts';
import { endRun, withPorts, type AnyState, type Journaled, type Opened } from '../../engine/states.ts';
import { COMPLETION_KEPT_AS, completionOf, type CompletionRecord } from '../../engine/way-back.ts';
import { COMPLETION } from '../../steps/completion/index.ts';
import type { CompletionFacts } from '../../steps/completion/completion.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';
import { openRun } from '../open-run.ts';
import { parseCompleteCommand, type CompleteCommand } from './complete-flags.ts';
import { executeCompletion, undoCompletion } from './execute.ts';
import { findExport } from './find-export.ts';
import { planCompletion, type PlannedChange } from './plan-completion.ts';
import { readCompletion, type ReadCompletion } from './read-facts.ts';

type CompletingRun = Journaled & { readonly plan: Plan };

/**
 * `gulp complete`: ends the way back of a completed export. Refuses before any change is made; a failure before the way
 * back has ended undoes the changes, and a later one is continued by the same command.
 */
export async function complete(argv: readonly string[]): Promise<void> {
  const command = parseCompleteCommand(argv);
  const root = findWorkspace(process.cwd());
  const opened = openRun({ root, settings: parseSettings(process.env), json: command.json });
  let state: AnyState = opened;
  try {
    const run = await open(opened, command, (next) => (state = next));
    state = run;
    await work(run, command);
  } catch (thrown) {
    if (thrown instanceof TaskFailed) throw thrown;
    const error = toPlatformError(thrown);
    fail(opened, error);
    await endRun(state, error.exitCode === EXIT.usage ? EXIT.usage : EXIT.refused);
    throw new TaskFailed('the completion was refused; the reason is above');
  }
}

async function open(
  opened: Opened,
  command: CompleteCommand,
  advance: (state: AnyState) => void,
): Promise<CompletingRun> {
  const { toolId } = command;
  const databaseUrl = await openPlatformDatabase(opened, { migrate: !command.dryRun });
  const session = await openSession(databaseUrl, `complete ${toolId}`);
  const connected = { ...opened, databaseUrl, session };
  advance(connected);
  if (!command.dryRun) {
    await session.lock(toolId);
    await interruptPredecessors(session.client, toolId, null);
  }
  const job = await findExport(session, toolId);
  const run = { ...connected, jobId: job.id, plan: job.plan, journal: openJournal(session.client, job.id) };
  run.memory.load(job.result);
  if (!command.dryRun) {
    run.memory.attach(session.client, job.id);
    run.report.attach(session.client, job.id);
  }
  run.reporter.line(`Completing export of '${toolId}'${command.dryRun ? ' (DRY-RUN MODE)' : ''}...`);
  run.reporter.line(`Job ID: ${job.id}`);
  run.reporter.line();
  return run;
}

const recordOf = ({ memory }: Pick<Journaled, 'memory'>): CompletionRecord | null =>
  completionOf(memory.all());

const finalizedAt = (run: Pick<Journaled, 'memory'>): string | null => recordOf(run)?.finalizedAt ?? null;

const isFinal = (run: Pick<Journaled, 'memory'>): boolean => finalizedAt(run) !== null;

async function work(run: CompletingRun, command: CompleteCommand): Promise<void> {
  const { facts, problems, kept } = await withPorts(run, run.interrupts.signal, (ports) =>
    readCompletion(run, command, ports),
  );
  const [first, ...others] = problems;
  if (first !== undefined) {
    if (!command.dryRun && !isFinal(run)) await undoUnfinished(run);
    for (const problem of others) fail(run, problem);
    throw first;
  }
  const changes = planCompletion(COMPLETION, await run.journal.entries(), facts);
  if (command.dryRun) await preview(run, { changes, kept, facts });
  else await carryOut(run, { command, facts, changes });
}

interface Prepared {
  readonly facts: CompletionFacts;
  readonly changes: readonly PlannedChange[];
}

async function preview(
  run: CompletingRun,
  { changes, kept, facts }: Prepared & Pick<ReadCompletion, 'kept'>,
): Promise<void> {
  const { reporter } = run;
  for (const { operation, change } of changes) {
    reporter.tick('success', operation.would(change));
    for (const text of operation.details?.(change) ?? []) reporter.line(text);
  }
  for (const reason of kept) reporter.tick('warning', `Would stay in the monolith: ${reason}`);
  for (const remark of facts.source?.remarks ?? [])
    reporter.tick('warning', `Would not be archived: ${remark}`);
  reporter.line(
    `✅ Dry-run completed: nothing was changed${changes.length === 0 ? ', and nothing is left to do' : ''}`,
  );
  await endRun(planned(run, changes), EXIT.done);
}

/** The document of `--json` lists the changes of this command. */
const planned = (run: CompletingRun, changes: readonly PlannedChange[]): CompletingRun => ({
  ...run,
  plan: { ...run.plan, changes: changes.map(({ change }) => change) },
});

async function carryOut(
  run: CompletingRun,
  { command, facts, changes }: Prepared & { readonly command: CompleteCommand },
): Promise<void> {
  if (changes.length > 0 && command.ask && !(await mayComplete(run, changes))) {
    if (!isFinal(run)) await undoUnfinished(run);
    run.reporter.line('Nothing was changed.');
    await endRun(planned(run, []), EXIT.done);
    return;
  }
  const record = recordFor(run, { facts, changes });
  const keep = (now: Partial<CompletionRecord>): Promise<void> =>
    run.memory.keep(COMPLETION_KEPT_AS, { ...record, finalizedAt: finalizedAt(run), ...now });
  try {
    await keep({});
    const atEnd = (): Promise<void> => keep({ finalizedAt: new Date().toISOString() });
    await withPorts(run, run.interrupts.signal, (ports) => executeCompletion(run, changes, { ports, atEnd }));
    await keep({ ended: true });
  } catch (thrown) {
    const { signal } = run.interrupts;
    await endFailed(planned(run, changes), toPlatformError(signal.aborted ? signal.reason : thrown));
    return;
  }
  await endWith(planned(run, changes), record, facts);
}

/** Of what is done when the changes are made. */
function recordFor(run: Journaled, { facts, changes }: Prepared): CompletionRecord {
  const has = (kind: string): boolean => changes.some(({ change }) => change.kind === kind);
  const before = recordOf(run);
  return {
    dropSource: has('drop-source') || !facts.tablesThere,
    removeCode: has('remove-code') || !facts.codeThere,
    archive: facts.archived === null ? (before?.archive ?? null) : facts.archive,
    finalizedAt: before?.finalizedAt ?? null,
    ended: false,
  };
}

const forget = ({ memory }: Journaled): Promise<void> => memory.keep(COMPLETION_KEPT_AS, null);

async function mayComplete(run: Opened, changes: readonly PlannedChange[]): Promise<boolean> {
  for (const { operation, change } of changes) run.reporter.tick('info', operation.would(change));
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const asked = terminal.question('This cannot be rolled back. Continue? [y/N] ');
    return /^y(es)?$/i.test((await Promise.race([asked, ended])).trim());
  } finally {
    terminal.close();
  }
}

/** Undoes the changes while that is possible; afterwards the same command continues them. */
async function endFailed(run: CompletingRun, error: PlatformError): Promise<void> {
  fail(run, error);
  const again = `npx gulp complete --tool-id=${run.plan.toolId}`;
  if (isFinal(run)) {
    run.reporter.line(`The completion is incomplete. Remove the cause, then continue it: ${again}`);
    await endRun(run, EXIT.rollbackIncomplete);
    throw new TaskFailed('the completion is incomplete; the reason is above');
  }
  const orphans = await undoUnfinished(run).catch((reason: unknown): readonly Orphan[] => [
    { target: 'the completion', message: toPlatformError(reason).message, command: '' },
  ]);
  reportOrphans(run, orphans, again);
  const failed = error.exitCode === EXIT.interrupted ? EXIT.interrupted : EXIT.rolledBack;
  await endRun(run, orphans.length > 0 ? EXIT.rollbackIncomplete : failed);
  throw new TaskFailed('the completion failed; the reason is above');
}

/** A refusal leaves no change of an earlier, killed run. */
async function undoUnfinished(run: CompletingRun): Promise<readonly Orphan[]> {
  const orphans = await undoCompletion(run);
  if (orphans.length === 0 && recordOf(run) !== null) await forget(run);
  return orphans;
}

function reportOrphans({ reporter }: Opened, orphans: readonly Orphan[], again: string): void {
  if (orphans.length === 0) {
    reporter.line('Everything is unchanged: the export can be rolled back or completed as before.');
    return;
  }
  for (const { target, message, command } of orphans)
    reporter.line(`  ${target}: ${message}${command === '' ? '' : `\n    remove it with: ${command}`}`);
  reporter.line(`Remove the cause, then run the command again: ${again}`);
}

function fail({ report, findings }: Opened, { code, message }: PlatformError): void {
  report.log('error', message);
  findings.push({ code, severity: 'error', step: 'preflight', message, remedy: '' });
}

async function endWith(
  run: CompletingRun,
  { archive, dropSource, removeCode }: CompletionRecord,
  { names, codeThere }: CompletionFacts,
): Promise<void> {
  const { reporter } = run;
  const left = run.plan.changes.length === 0;
  reporter.line(
    left
      ? '✅ Nothing is left to do'
      : `✅ Export completed for good in ${duration(performance.now() - run.startedAt)}`,
  );
  if (archive !== null) {
    reporter.line(`   • Archive: ${archive} (its README.md tells how to load it)`);
    reporter.line(
      dropSource
        ? "   • The monolith's tables are dropped"
        : "   • The monolith's tables are an old copy, and refuse writes. Drop them with --drop-source",
    );
  }
  if (removeCode && codeThere)
    reporter.line(
      `   • Commit the removal: git add --all ${names.toolFolder} && git commit --message="Remove ${names.toolFolder}"`,
    );
  await endRun(run, EXIT.done, {
    archive,
    tables: archive === null ? 'none' : dropSource ? 'dropped' : 'read-only',
    code: removeCode ? 'removed' : 'kept',
  });
}
