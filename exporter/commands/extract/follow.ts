import { EXIT } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import {
  addChecksums,
  cleanUpFollow,
  type CleanedUp,
  dropFenceCommand,
  dropPublisherCommands,
  dropSubscriptionCommands,
  extractFollowing,
  finding,
  type Followed,
  type FollowNames,
  type FollowPhase,
  type ExtractionPlan,
  type ExtractionRequest,
  prepareFollow,
  readFollowNames,
} from '../../../extraction/index.ts';
import type { ExtractArguments, FollowArguments } from './extract-arguments.ts';
import type { ExtractContext } from './extract-context.ts';
import { dryResult, report, type RunState } from './extract-report.ts';

/** How a run with `--follow` has ended, as its report prints it. */
export interface CutoverResult {
  readonly mode: 'live';
  readonly pauseMs: number;
  readonly attempts: number;
  readonly copiedRows: number;
  readonly appliedChanges: number | null;
  readonly verifiedRows: number;
  /** The fence that keeps writers out of the source, with the statement that removes it there. */
  readonly fence: { readonly name: string; readonly remove: string };
  readonly reverse: ReverseResult | null;
}

/** The stream that is left from the target to the source, with the statements that end it, first in the source. */
export interface ReverseResult {
  readonly subscription: string;
  readonly publication: string;
  readonly slot: string;
  readonly end: { readonly source: readonly string[]; readonly target: readonly string[] };
}

const PHASES: Record<FollowPhase, string> = {
  copy: 'Copying …',
  follow: 'The target follows the source.',
  switch: 'Switching …',
  verify:
    'The target has every write, and takes writes from now on: point your application to it. The source refuses them. Comparing all rows …',
};

/** `gulp extract --follow`. Writes to the source go on until the switch. */
export async function runFollow(
  args: ExtractArguments & { readonly follow: FollowArguments },
  request: ExtractionRequest,
  context: ExtractContext,
  state: RunState,
): Promise<CommandReport> {
  const sides = { sourceUrl: args.source, targetUrl: args.target, ...args.follow };
  const { prepared, names } = await prepareFollow({ ...sides, request });
  state.prepared = prepared;
  const { plan } = prepared;
  if (plan === null || prepared.findings.some((item) => item.severity === 'error'))
    return report({ ...state, exitCode: EXIT.refused });
  if (args.dryRun) {
    const copy = report({ ...state, exitCode: EXIT.done, result: dryResult(plan) });
    return { ...copy, changes: [...copy.changes, ...followChanges(plan, names, args.follow)] };
  }
  const { signal = new AbortController().signal, report: port } = context;
  const followed = await extractFollowing(
    {
      ...sides,
      names,
      request,
      prepared,
      plan,
      jobs: args.jobs,
      switchNow: args.follow.switchAtOnce
        ? AbortSignal.abort()
        : (context.switchNow ?? new AbortController().signal),
      onLag: (lag) => context.onLag?.(lag),
      phase: (id, ms) => {
        if (ms === null) port?.log('info', PHASES[id]);
        else state.steps.push({ id, status: 'completed', ms: Math.round(ms) });
      },
    },
    {
      signal,
      report: {
        log: (level, message) => port?.log(level, message),
        progress: (progress) => port?.progress(progress),
      },
    },
  );
  return report({ ...state, exitCode: EXIT.done, result: resultOf(plan, followed, names, args.follow) });
}

/** The objects that the streams add to the copy. Connection strings hold passwords, and are left out. */
function followChanges(
  plan: ExtractionPlan,
  { out, back }: FollowNames,
  { reverse }: FollowArguments,
): CommandReport['changes'] {
  const tables = plan.tables.map(({ name }) => name).join(', ');
  const change = (target: string, summary: string): CommandReport['changes'][number] => ({
    step: 'database',
    target,
    summary,
  });
  const stream = (name: string, from: string, to: string): CommandReport['changes'] => [
    change(`PUBLICATION ${name}`, `In the ${from}: CREATE PUBLICATION ${name} FOR TABLE ONLY ${tables}`),
    change(`SLOT ${name}`, `In the ${from}: CREATE_REPLICATION_SLOT ${name} LOGICAL pgoutput`),
    change(`SUBSCRIPTION ${name}`, `In the ${to}: CREATE SUBSCRIPTION ${name} PUBLICATION ${name}`),
  ];
  return [
    ...stream(out, 'source', 'target'),
    change(`FENCE ${out}`, `In the source, at the switch: triggers that refuse writes to ${tables}`),
    ...(reverse ? stream(back, 'target', 'source') : []),
  ];
}

function resultOf(
  plan: ExtractionPlan,
  { fingerprints, ...followed }: Followed,
  names: FollowNames,
  { reverse }: FollowArguments,
): { readonly tables: readonly unknown[]; readonly cutover: CutoverResult } {
  const tables = plan.groups.map((group) => {
    const sum = addChecksums(
      group.tables.flatMap((name) => {
        const found = fingerprints[name];
        return found === undefined ? [] : [{ rows: found.rows, digest: found.checksum }];
      }),
    );
    return {
      name: group.name,
      rows: sum.rows,
      checksum: sum.digest,
      ...(group.tables.length > 1 ? { partitions: group.tables } : {}),
    };
  });
  return {
    tables,
    cutover: {
      mode: 'live',
      ...followed,
      verifiedRows: tables.reduce((sum, { rows }) => sum + rows, 0),
      fence: { name: names.out, remove: dropFenceCommand(names.out) },
      reverse: reverse ? reverseResult(names.back) : null,
    },
  };
}

const reverseResult = (name: string): ReverseResult => ({
  subscription: name,
  publication: name,
  slot: name,
  end: { source: dropSubscriptionCommands(name), target: dropPublisherCommands(name) },
});

const CLEANED_UP: Record<CleanedUp, string> = {
  'rolled-back':
    'Nothing of a run with --follow is left: the source takes writes, and the target holds no table, slot or subscription of it',
  kept: 'The target is kept, because the killed run had switched to it; its streams have ended, and the source refuses writes. Its rows were not all compared: compare them before you rely on them',
  completed: 'No run was killed: the last one has switched to the target, which stays as it is',
};

/** `gulp extract --clean-up`. */
export async function runCleanUp(args: ExtractArguments, state: RunState): Promise<CommandReport> {
  const sides = { sourceUrl: args.source, targetUrl: args.target };
  const names = await readFollowNames(args.source, args.target, args.tables);
  const cleanedUp = await cleanUpFollow({ ...sides, names });
  const remedy =
    cleanedUp === 'rolled-back'
      ? ''
      : `To open the source for writes, run in it: ${dropFenceCommand(names.out)}`;
  const extra = finding({
    severity: cleanedUp === 'kept' ? 'warning' : 'info',
    code: 'cleaned-up',
    message: CLEANED_UP[cleanedUp],
    remedy,
  });
  return report({ ...state, exitCode: EXIT.done, extra: [extra] });
}
