import { EXIT } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import {
  addChecksums,
  type Extracted,
  type ExtractionPlan,
  type ExtractionRequest,
  extractTables,
  findFollower,
  prepareExtraction,
  type ReadExtraction,
} from '../../../extraction/index.ts';
import { parseExtractArguments, type ExtractArguments } from './extract-arguments.ts';
import type { ExtractContext } from './extract-context.ts';
import { dryResult, failed, report, type RunState } from './extract-report.ts';
import { runCleanUp, runFollow } from './follow.ts';

/**
 * `gulp extract`: copies tables between any two PostgreSQL databases, exactly, in one snapshot of the source. Without
 * `--follow`, rows written later are missing in the target.
 *
 * Never throws: errors are findings of the report, which has the exit code of the command.
 */
export async function runExtract(
  argv: readonly string[],
  context: ExtractContext = {},
): Promise<CommandReport> {
  const state: RunState = { steps: [], prepared: null };
  try {
    const args = parseExtractArguments(argv);
    if (args.cleanUp) return await runCleanUp(args, state);
    const request = {
      tables: args.tables,
      severIncoming: args.severIncoming,
      ownership: { owner: null, runtime: null },
    };
    if (args.follow !== null)
      return await runFollow({ ...args, follow: args.follow }, request, context, state);
    const prepared = await prepareExtraction(args.source, args.target, request);
    const findings = [...prepared.findings, ...(await findFollower(args.target))];
    state.prepared = { ...prepared, findings };
    const refused = prepared.plan === null || findings.some((item) => item.severity === 'error');
    if (refused) return report({ ...state, exitCode: EXIT.refused });
    if (args.dryRun) return report({ ...state, exitCode: EXIT.done, result: dryResult(prepared.plan) });
    const extracted = await run(args, { prepared, request, context, steps: state.steps });
    return report({ ...state, exitCode: EXIT.done, result: resultOf(prepared.plan, extracted) });
  } catch (error) {
    return failed(error, { ...state, aborted: context.signal?.aborted === true });
  }
}

async function run(
  args: ExtractArguments,
  {
    prepared,
    request,
    context,
    steps,
  }: {
    prepared: ReadExtraction;
    request: ExtractionRequest;
    context: ExtractContext;
    steps: RunState['steps'];
  },
): Promise<Extracted> {
  return extractTables({
    sourceUrl: args.source,
    targetUrl: args.target,
    request,
    prepared,
    jobs: args.jobs,
    signal: context.signal ?? new AbortController().signal,
    progress: (progress) => context.report?.progress(progress),
    phase: (id, ms) => {
      if (ms === null) context.report?.log('info', id === 'copy' ? 'Copying …' : 'Verifying …');
      else steps.push({ id, status: 'completed', ms: Math.round(ms) });
    },
  });
}

function resultOf(plan: ExtractionPlan | null, extracted: Extracted): unknown {
  if (plan === null) return undefined;
  return {
    resumed: extracted.resumed,
    tables: plan.groups.map((group) => {
      const sum = addChecksums(group.tables.flatMap((name) => extracted.checksums[name] ?? []));
      const bytes = group.tables.reduce((all, name) => all + (extracted.copied.tables[name]?.bytes ?? 0), 0);
      return {
        name: group.name,
        rows: sum.rows,
        bytes,
        checksum: sum.digest,
        ...(group.tables.length > 1 ? { partitions: group.tables } : {}),
      };
    }),
    sequences: Object.entries(extracted.copied.sequences).map(([name, state]) => ({ name, ...state })),
  };
}
