import { PlatformError } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/plan.ts';
import { finding } from '../plan/findings.ts';
import { planExtraction, type ExtractionRequest } from '../plan/extraction.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import type { TargetFacts } from '../plan/target.ts';
import type { Checksum } from './checksum.ts';
import { createDatabase, dropDatabase, findLocaleProblem } from './create-database.ts';
import { digestOf } from './digest.ts';
import { dropCheckpoint, readCheckpoint, undoOf, type Checkpoint } from './checkpoint.ts';
import { rollBack } from './roll-back.ts';
import { readKilledRun, withoutKilledRun } from './killed-run.ts';
import { readCatalog } from '../catalog/index.ts';
import { readExtraction, type ReadExtraction } from './read-extraction.ts';
import type { DatabaseLocale, Progress } from '../api.ts';
import { runPlan, type CopyResult } from './run-plan.ts';
import { messageOf, openSession, rowsOf, sqlStateOf, type Session } from './session.ts';
import { findMissingFiles } from './server-files.ts';
import { openSnapshot, readSearchPath } from './snapshot.ts';
import { readTarget } from './target.ts';
import { verifyPlan } from './verify-plan.ts';
import { openWorkers, WRITER } from './workers.ts';

/** SQLSTATEs of a database that exists, and of one that is being created at the same time. */
const ALREADY_CREATED = ['42P04', '23505'];

/** Reads both sides and plans. Changes nothing. */
export async function prepareExtraction(
  sourceUrl: string,
  targetUrl: string,
  request: ExtractionRequest,
): Promise<ReadExtraction> {
  const target = await readTargetBefore(targetUrl);
  const read = await readExtraction({ sourceUrl, target, request });
  if (read.plan === null || read.findings.some(({ severity }) => severity === 'error')) return read;
  const files = await findMissingFiles(targetUrl, read.plan, target);
  const problem = target.missing ? await findLocaleProblem(targetUrl, read.source) : null;
  const locale = problem === null ? [] : [localeUnavailable(target, problem)];
  return { ...read, findings: [...read.findings, ...files, ...locale] };
}

const localeUnavailable = ({ database }: TargetFacts, problem: string): Finding =>
  finding({
    severity: 'error',
    code: 'locale-unavailable',
    object: database,
    message: `The server of the target cannot create ${database} with the locale of the source: ${problem}`,
    remedy: 'Install the locale on that server, or create the target with another locale first.',
  });

/** The target without the objects of a killed run. */
async function readTargetBefore(url: string): Promise<TargetFacts> {
  const target = await readTarget(url);
  const killed = target.missing ? null : await readKilledRun(url);
  return killed === null ? target : withoutKilledRun(target, killed);
}

export interface ExtractOptions {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  readonly request: ExtractionRequest;
  readonly prepared: ReadExtraction;
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly phase: (name: string, ms: number | null) => void;
}

export interface Extracted {
  readonly copied: CopyResult;
  readonly checksums: Readonly<Record<string, Checksum>>;
  readonly resumed: boolean;
}

/** A failed extraction whose rollback failed too, with the commands that clean the target up. */
export class RollbackFailed extends Error {
  override readonly name = 'RollbackFailed';
  readonly commands: readonly string[];
  constructor(message: string, commands: readonly string[], cause: unknown) {
    super(message, { cause });
    this.commands = commands;
  }
}

/**
 * Copies and verifies; rolls the target back when anything fails. A killed run is continued when its plan is the same,
 * and rolled back before a restart when it is not.
 */
export async function extractTables(options: ExtractOptions): Promise<Extracted> {
  const { targetUrl, prepared, signal } = options;
  const { plan } = prepared;
  if (plan === null) throw new PlatformError('step-failed', 'there is no plan');
  const created = prepared.target.missing;
  if (created) await createTarget(targetUrl, prepared.source);
  let target: Session | null = null;
  let isLocked = false;
  try {
    target = await openSession({ url: targetUrl });
    await lockTarget(target);
    isLocked = true;
    await refuseForeignObjects(options);
    const checkpoint = await usableCheckpoint(target, plan);
    try {
      return await copyAndVerify({ ...options, plan, target, checkpoint });
    } catch (error) {
      if (checkpoint === null || signal.aborted) throw error;
      // the continued copy no longer matches its source: restart once
      await rollBack(target, checkpoint);
      return await copyAndVerify({ ...options, plan, target, checkpoint: null });
    }
  } catch (error) {
    // without the lock, what is in the target is another run's
    if (isLocked || created) await restore(options, { target, plan, created, error });
    throw error;
  } finally {
    await target?.end().catch(() => undefined);
  }
}

type Run = ExtractOptions & {
  readonly plan: ExtractionPlan;
  readonly target: Session;
  readonly checkpoint: Checkpoint | null;
};

async function copyAndVerify(options: Run): Promise<Extracted> {
  const { plan, target, checkpoint, phase } = options;
  const snapshot = await openSnapshot(options.sourceUrl, plan);
  try {
    await refuseStalePlan(options, snapshot.session);
    const workers = await openWorkers({ ...options, snapshot: snapshot.id });
    try {
      let start = performance.now();
      phase('copy', null);
      const copied = await runPlan({
        ...options,
        source: snapshot.session,
        workers: workers.all,
        checkpoint,
      });
      phase('copy', performance.now() - start);
      start = performance.now();
      phase('verify', null);
      const checksums = await verifyPlan({ ...options, workers: workers.all, sequences: copied.sequences });
      phase('verify', performance.now() - start);
      options.signal.throwIfAborted();
      await target.query('SET synchronous_commit = on');
      await dropCheckpoint(target);
      return { copied, checksums, resumed: checkpoint !== null };
    } finally {
      await workers.close();
    }
  } finally {
    await snapshot.close();
  }
}

/** Refuses to execute another plan than the one that was shown. */
export async function refuseStalePlan(
  options: Pick<Run, 'sourceUrl' | 'prepared' | 'request' | 'plan'>,
  session: Session,
): Promise<void> {
  const catalog = await readCatalog(session, await readSearchPath(options.sourceUrl));
  const { target, namedByRows } = options.prepared;
  const again = planExtraction(catalog, target, { ...options.request, namedByRows });
  if (again.plan === null || digestOf(again.plan) !== digestOf(options.plan))
    throw new PlatformError(
      'plan-stale',
      'The tables in the source were altered after the plan was made. Run the command again.',
    );
}

export async function createTarget(url: string, locale: DatabaseLocale): Promise<void> {
  try {
    await createDatabase(url, locale);
  } catch (error) {
    if (!ALREADY_CREATED.includes(sqlStateOf(error))) throw error;
    throw new PlatformError(
      'locked',
      'Another process created this target in the meantime. Run the command again.',
      { cause: error },
    );
  }
}

/** One run at a time. Ends the workers of a killed run, which may still be writing for a moment, and no other session. */
export async function lockTarget(target: Session): Promise<void> {
  const [row] = await rowsOf<{ locked: boolean }>(
    target,
    `SELECT pg_try_advisory_lock(hashtextextended('platform_extract', 0)) AS locked`,
  );
  if (row?.locked === true) {
    await target.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1 AND usename = current_user`,
      [WRITER],
    );
    return;
  }
  throw new PlatformError(
    'locked',
    'Another extraction is writing to this target. Wait for it, then run the command again.',
  );
}

/** Another process may have written to the target after it was read and before it was locked. */
async function refuseForeignObjects({ targetUrl, prepared }: ExtractOptions): Promise<void> {
  const seen = new Set(prepared.target.existing);
  const others = (await readTargetBefore(targetUrl)).existing.filter((name) => !seen.has(name));
  if (others.length > 0)
    throw new PlatformError(
      'locked',
      `Another process created objects in this target in the meantime: ${others.slice(0, 5).join(', ')}. Run the command again.`,
    );
}

async function usableCheckpoint(target: Session, plan: ExtractionPlan): Promise<Checkpoint | null> {
  const checkpoint = await readCheckpoint(target);
  if (checkpoint === null || checkpoint.plan === digestOf(plan)) return checkpoint;
  await rollBack(target, checkpoint);
  return null;
}

async function restore(
  options: ExtractOptions,
  state: { target: Session | null; plan: ExtractionPlan; created: boolean; error: unknown },
): Promise<void> {
  if (state.error instanceof PlatformError && state.error.code === 'locked') return;
  const commands = state.created
    ? [`DROP DATABASE ${options.prepared.target.database} WITH (FORCE);`]
    : [...undoOf(state.plan), 'DROP SCHEMA IF EXISTS platform_extract CASCADE'].map((sql) => `${sql};`);
  try {
    if (state.created) {
      await state.target?.end().catch(() => undefined);
      await dropDatabase(options.targetUrl);
      return;
    }
    // the session of the run may be what failed
    const session = await openSession({ url: options.targetUrl });
    try {
      const checkpoint = await readCheckpoint(session);
      if (checkpoint !== null) await rollBack(session, checkpoint);
    } finally {
      await session.end();
    }
  } catch (error) {
    throw new RollbackFailed(
      `${messageOf(state.error)}\nRolling back failed too: ${messageOf(error)}`,
      commands,
      state.error,
    );
  }
}
