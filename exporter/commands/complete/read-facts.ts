import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import { namesOf } from '../../../contracts/naming.ts';
import type { JournalEntry } from '../../../contracts/job.ts';
import type { Change } from '../../../contracts/plan.ts';
import type { ExtractionPlan, FenceSpec } from '../../../extraction/api.ts';
import type { ArchivedSource } from '../../../extraction/archive/archive-api.ts';
import type { Ports } from '../../core/ports.ts';
import type { LiveTables } from '../../core/streams.ts';
import { liveSwitchOf } from '../../engine/live-return.ts';
import type { Journaled } from '../../engine/states.ts';
import type { CompletionFacts } from '../../steps/completion/completion.ts';
import type { ArchiveSource } from '../../steps/completion/operations/archive-source.ts';
import { whyNotRemoved } from '../../steps/completion/operations/remove-code.ts';
import type { CopyTables } from '../../steps/database/operations/copy-tables.ts';
import type { FenceTables } from '../../steps/database/operations/fence-tables.ts';
import { askService } from '../service-health.ts';
import type { CompleteCommand } from './complete-flags.ts';
import { standing } from './plan-completion.ts';

export interface ReadCompletion {
  readonly facts: CompletionFacts;
  /** Why nothing may be changed. */
  readonly problems: readonly PlatformError[];
  /** Objects of the tool that would stay in the monolith, with the reason. */
  readonly kept: readonly string[];
}

/** How long the reverse stream may take to catch up. */
const CATCH_UP_MS = 5_000;

/** Reads what the completion is planned from, and every reason to refuse it. Changes nothing. */
export async function readCompletion(
  run: Journaled,
  command: CompleteCommand,
  ports: Ports,
): Promise<ReadCompletion> {
  const entries = await run.journal.entries();
  const facts = await readFacts(run, command, { entries, ports });
  const drop = await problemsOfDrop(facts, ports);
  return {
    facts,
    kept: drop.kept,
    problems: [
      ...(await problemsOfService(run, command.toolId)),
      ...(await problemsOfStream(facts, entries, ports)),
      ...problemsOfArchive(facts.source),
      ...drop.problems,
      ...(await problemsOfCode(facts, ports)),
    ],
  };
}

async function readFacts(
  run: Journaled,
  { toolId, dropSource, removeCode }: CompleteCommand,
  { entries, ports }: { readonly entries: readonly JournalEntry[]; readonly ports: Ports },
): Promise<CompletionFacts> {
  const names = namesOf(toolId);
  const { live, copied, fence, archived } = readExport(entries);
  const archive = path.posix.join(run.settings.stateDir, 'archive', `${toolId}-${run.jobId}`);
  const tablesThere = await anyTable(run, copied?.plan ?? null);
  const kept = archived !== null && (await isKept(archived, ports));
  const source =
    !tablesThere || kept
      ? null
      : await ports.archive.read({
          tables: copied?.plan.groups.map(({ name }) => name) ?? [],
          checkedIn: `${names.sql}_archive`,
          stream: live?.back.name ?? null,
        });
  return {
    names,
    jobId: run.jobId,
    archive,
    live,
    fence: tablesThere ? fence : null,
    service: copied?.into ?? null,
    source,
    archived: source?.plan ?? archived?.change.after.plan ?? null,
    tablesThere,
    dropSource,
    removeCode,
    codeThere: await ports.files.exists(names.toolFolder),
  };
}

interface RecordedExport {
  readonly live: LiveTables | null;
  readonly copied: CopyTables['after'] | null;
  readonly fence: FenceSpec | null;
  /** The archive that an earlier run has written, or has begun. */
  readonly archived: { readonly change: ArchiveSource; readonly begun: boolean } | null;
}

/** What the journal says of the export, and of earlier runs of `gulp complete`. */
function readExport(entries: readonly JournalEntry[]): RecordedExport {
  const changeOf = (kind: string): Change | null =>
    entries.find(({ change, state }) => change.kind === kind && state !== 'undone')?.change ?? null;
  const live = liveSwitchOf(entries)?.tables ?? null;
  const fenced = changeOf('fence-tables') as FenceTables | null;
  const copy = changeOf('copy-tables') as CopyTables | null;
  const written = standing(entries, 'archive-source');
  return {
    live,
    copied: copy?.after ?? null,
    fence: live?.fences.source ?? fenced?.after ?? null,
    archived:
      written === null
        ? null
        : { change: written.change as unknown as ArchiveSource, begun: written.state === 'started' },
  };
}

/** A complete archive may have been moved elsewhere: then another one is written. */
async function isKept(
  { change, begun }: NonNullable<RecordedExport['archived']>,
  { files }: Ports,
): Promise<boolean> {
  return begun || (await files.exists(`${change.after.folder}/manifest.json`));
}

async function anyTable({ session }: Journaled, plan: ExtractionPlan | null): Promise<boolean> {
  if (plan === null) return false;
  const { rows } = await session.client.query<{ there: boolean | null }>(
    'SELECT bool_or(to_regclass(name) IS NOT NULL) AS there FROM unnest($1::text[]) AS t (name)',
    [plan.tables.map(({ name }) => name)],
  );
  return rows[0]?.there === true;
}

/** Nothing else can serve the tool afterwards. */
async function problemsOfService({ session }: Journaled, toolId: string): Promise<readonly PlatformError[]> {
  const { rows } = await session.client.query<{ url: string }>(
    'SELECT service_url AS url FROM tool_registry WHERE tool_id = $1',
    [toolId],
  );
  const url = rows[0]?.url ?? '';
  const health = await askService(url);
  if (health === 'ready') return [];
  return [
    new PlatformError(
      'health-failed',
      `The service of "${toolId}" at ${url}: ${health}. Correct that first: npx gulp status --tool-id=${toolId}`,
    ),
  ];
}

async function problemsOfStream(
  { live }: CompletionFacts,
  entries: readonly JournalEntry[],
  ports: Ports,
): Promise<readonly PlatformError[]> {
  // an earlier run has found it caught up, and has paused it
  if (live === null || standing(entries, 'pause-stream') !== null) return [];
  const lag = await ports.live.lagAfter(live.back, CATCH_UP_MS);
  if (lag?.bytes === 0) return [];
  const state =
    lag === null
      ? `The replication slot ${live.back.name} is gone: the monolith's tables lack the latest rows of the service.`
      : `The monolith's tables are ${lag.bytes.toLocaleString('en-US')} bytes behind the service after ${CATCH_UP_MS / 1_000} s${
          lag.errors === 0
            ? ''
            : `, and ${lag.errors} changes could not be applied: see the log of PostgreSQL`
        }.`;
  const next =
    lag === null
      ? `Roll the export back, then export again: npx gulp rollback --tool-id=${live.fences.source.toolId}`
      : 'Wait until the stream has caught up, then run the command again: npx gulp status';
  return [new PlatformError('stream-behind', `${state} ${next}`)];
}

function problemsOfArchive(source: ArchivedSource | null): readonly PlatformError[] {
  if (source === null || source.obstacles.length === 0) return [];
  return [
    new PlatformError(
      'source-in-use',
      `The monolith's tables cannot be archived:\n${source.obstacles.join('\n')}\nCorrect that, then run the command again.`,
    ),
  ];
}

async function problemsOfDrop(
  { dropSource, archived, archive, source, names, tablesThere }: CompletionFacts,
  ports: Ports,
): Promise<{ readonly problems: readonly PlatformError[]; readonly kept: readonly string[] }> {
  if (!dropSource || archived === null || !tablesThere) return { problems: [], kept: [] };
  const uses = source === null || source.dependents.length === 0 ? [] : [usedBy(source.dependents)];
  // an archive that is about to be written, or to be written again, has nothing to compare yet
  const complete = source === null && (await ports.files.exists(`${archive}/manifest.json`));
  const folder = complete ? path.resolve(ports.root, archive) : null;
  try {
    const spec = { plan: archived, owner: names.monolithOwnerRole, folder };
    return { problems: uses, kept: await ports.archive.tryDrop(spec) };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'source-in-use') throw error;
    return { problems: [...uses, error], kept: [] };
  }
}

const usedBy = (dependents: readonly string[]): PlatformError =>
  new PlatformError(
    'source-in-use',
    `The monolith's tables cannot be dropped, because other objects use them:\n${dependents.join('\n')}\n` +
      'Drop or change these objects, or leave --drop-source out.',
  );

async function problemsOfCode(
  { removeCode, codeThere, names }: CompletionFacts,
  ports: Ports,
): Promise<readonly PlatformError[]> {
  if (!removeCode || !codeThere) return [];
  const problem = await whyNotRemoved(names.toolFolder, ports);
  return problem === null ? [] : [problem];
}
