import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import {
  addChecksums,
  extractTables,
  finding,
  LeftBehind,
  messageOf,
  prepareExtraction,
  type Extracted,
  type ExtractionPlan,
  type ExtractionRequest,
  type ProgressPort,
  type ReadExtraction,
  type Statement,
} from '../../../extraction/index.ts';
import { parseExtractArguments, type ExtractArguments } from './extract-arguments.ts';

export interface ExtractContext {
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal;
  readonly report?: ProgressPort;
}

/**
 * `gulp extract`: copies tables between any two PostgreSQL databases, exactly, at one moment of the source. It does
 * not fence the source: what is written there later is not in the target.
 *
 * Never throws: whatever happens is in the report, with the exit code of the command.
 */
export async function runExtract(
  argv: readonly string[],
  context: ExtractContext = {},
): Promise<CommandReport> {
  const steps: { id: string; status: string; ms: number | null }[] = [];
  let prepared: ReadExtraction | null = null;
  try {
    const args = parseExtractArguments(argv);
    const request = {
      tables: args.tables,
      severIncoming: args.severIncoming,
      ownership: { owner: null, runtime: null },
    };
    prepared = await prepareExtraction(args.source, args.target, request);
    const refused = prepared.plan === null || prepared.findings.some((item) => item.severity === 'error');
    if (refused) return report({ exitCode: EXIT.refused, prepared, steps });
    if (args.dryRun)
      return report({ exitCode: EXIT.done, prepared, steps, result: dryResult(prepared.plan) });
    const extracted = await run(args, { prepared, request, context, steps });
    return report({ exitCode: EXIT.done, prepared, steps, result: resultOf(prepared.plan, extracted) });
  } catch (error) {
    return failed(error, { prepared, steps, aborted: context.signal?.aborted === true });
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
    steps: { id: string; status: string; ms: number | null }[];
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

interface Outcome {
  readonly exitCode: number;
  readonly prepared: ReadExtraction | null;
  readonly steps: CommandReport['steps'];
  readonly result?: unknown;
  readonly extra?: readonly Finding[];
}

function report(outcome: Outcome): CommandReport {
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

function failed(
  error: unknown,
  state: { prepared: ReadExtraction | null; steps: CommandReport['steps']; aborted: boolean },
): CommandReport {
  const code = error instanceof PlatformError ? error.code : 'step-failed';
  const left = error instanceof LeftBehind ? error.commands : [];
  const cause = error instanceof LeftBehind ? error.cause : error;
  const exitCode =
    left.length > 0
      ? EXIT.rollbackIncomplete
      : state.aborted
        ? EXIT.interrupted
        : cause instanceof PlatformError
          ? cause.exitCode
          : EXIT.rolledBack;
  const remedy =
    left.length > 0
      ? `Run in the target: ${left.join(' ')}`
      : exitCode === EXIT.usage
        ? 'npx gulp extract --source=URL --target=URL --tables=a,"B",s.c'
        : exitCode === EXIT.refused
          ? 'Nothing was changed.'
          : 'The target is as it was before. Correct the cause, and run the command again.';
  const extra = [
    finding({
      severity: 'error',
      code: state.aborted ? 'cancelled' : code,
      object: '',
      message: messageOf(error),
      remedy,
    }),
  ].map(({ object, ...rest }) => (object === '' ? rest : { ...rest, object }));
  return report({ exitCode, prepared: state.prepared, steps: state.steps, extra });
}

const statementsOf = (plan: ExtractionPlan): Statement[] => [
  ...plan.before,
  ...plan.indexes,
  ...plan.constraints,
  ...plan.after,
];

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

const dryResult = (plan: ExtractionPlan | null): unknown =>
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
