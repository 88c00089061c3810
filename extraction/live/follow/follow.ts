import { PlatformError } from '../../../contracts/errors.ts';
import type { ExtractionPlan, FenceSpec, Fingerprint, StreamSpec, WorkOptions } from '../../api.ts';
import type { ExtractionRequest } from '../../plan/extraction.ts';
import { dropCheckpoint, undoOf } from '../../run/checkpoint.ts';
import { createTarget, lockTarget, refuseStalePlan, RollbackFailed } from '../../run/extract-tables.ts';
import { raiseFence } from '../../run/fence.ts';
import type { ReadExtraction } from '../../run/read-extraction.ts';
import { messageOf, openSession, type Session } from '../../run/session.ts';
import { databaseOf } from '../../run/target.ts';
import { copyAtSlot } from '../copy-at-slot.ts';
import { createPublication, createSlotWithSnapshot, createSubscription } from '../stream.ts';
import { switchOver, type Made } from '../switch-over.ts';
import { countChanges, endStream } from './applied-changes.ts';
import { addressSeenBy } from './connection-of.ts';
import { recordSwitch, refuseSwitched } from './ledger.ts';
import { namesFrom, type FollowNames } from './names.ts';
import { isConnectionLoss, patiently, withPatience } from './patience.ts';
import { whileSlotBegins } from './slot-wait.ts';
import {
  removeFence,
  removeStreamOut,
  removeStreams,
  rollBackCommands,
  rollBackFollow,
} from './undo-follow.ts';
import { trySubscription } from './try-subscription.ts';
import { followUntilSwitch, type Lag } from './until-switch.ts';

export interface FollowRun {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  /** The addresses at which each server reaches the other. */
  readonly sourceFromTarget: string;
  readonly targetFromSource: string;
  readonly names: FollowNames;
  readonly request: ExtractionRequest;
  readonly prepared: ReadExtraction;
  readonly plan: ExtractionPlan;
  readonly jobs: number;
  readonly reverse: boolean;
  /** Longest time in milliseconds that writes may wait in one attempt of the switch. */
  readonly maxPauseMs: number;
  /** Time in milliseconds after which the switch is not tried again. */
  readonly timeoutMs: number;
  /** Aborted when the switch is wanted. */
  readonly switchNow: AbortSignal;
  readonly onLag: (lag: Lag) => void;
  /** Called before each phase with `null`, and after it with its milliseconds. */
  readonly phase: (name: FollowPhase, ms: number | null) => void;
}

export type FollowPhase = 'copy' | 'follow' | 'switch' | 'verify';

export interface Followed {
  readonly pauseMs: number;
  readonly attempts: number;
  readonly copiedRows: number;
  /** Rows that the stream has inserted, updated and deleted; `null` where the server counts none. */
  readonly appliedChanges: number | null;
  readonly fingerprints: Readonly<Record<string, Fingerprint>>;
}

/** The target has switched and has taken writes, so that the failure after it cannot be rolled back without loss. */
export class KeptAfterSwitch extends Error {
  override readonly name = 'KeptAfterSwitch';
  readonly names: FollowNames;
  /** Whether the source follows the target. */
  readonly reverse: boolean;
  constructor(message: string, { names, reverse }: Pick<FollowRun, 'names' | 'reverse'>, cause: unknown) {
    super(message, { cause });
    this.names = names;
    this.reverse = reverse;
  }
}

/**
 * Copies the tables, follows the source, and switches to the target when that is wanted. Any failure opens the source
 * for writes and rolls the target back.
 *
 * @throws PlatformError `switch-timeout`, `verification-failed`, `plan-stale`, `locked`, ...
 * @throws RollbackFailed with the statements that clean up
 * @throws KeptAfterSwitch when the target has taken writes since the switch
 */
export async function extractFollowing(run: FollowRun, work: WorkOptions): Promise<Followed> {
  const created = run.prepared.target.missing;
  if (created) await createTarget(run.targetUrl, run.prepared.source);
  const openTarget = async (): Promise<Session> => {
    const session = await openSession({ url: run.targetUrl });
    try {
      await lockTarget(session);
      return session;
    } catch (error) {
      await session.end().catch(() => undefined);
      throw error;
    }
  };
  const held: { target: Session | null } = { target: null };
  // without the lock, everything that is there belongs to another run
  let begun = created;
  try {
    held.target = await openTarget();
    const unfinished = await refuseSwitched(held.target);
    begun = true;
    for (const name of unfinished?.names ?? []) await removeStreams({ ...run, names: namesFrom(name) });
    await rollBackFollow(run, false);
    if (created) await refuseUnconnected(run);
    return await copyFollowSwitch(run, work, held, openTarget);
  } catch (error) {
    const lockLost = error instanceof PlatformError && error.code === 'locked';
    if (begun && !lockLost && !(error instanceof KeptAfterSwitch)) await undo(run, created, held, error);
    // at the beginning it means that nothing was changed
    if (begun && isConnectionLoss(error))
      throw new PlatformError('step-failed', messageOf(error), { cause: error });
    throw error;
  } finally {
    await held.target?.end().catch(() => undefined);
  }
}

/** Before a database exists, its subscriptions cannot be tried. */
async function refuseUnconnected(run: FollowRun): Promise<void> {
  const out = {
    at: run.targetUrl,
    name: run.names.out,
    seen: run.sourceFromTarget,
    publisher: run.sourceUrl,
  };
  const back = {
    at: run.sourceUrl,
    name: run.names.back,
    seen: run.targetFromSource,
    publisher: run.targetUrl,
  };
  for (const { at, name, seen, publisher } of run.reverse ? [out, back] : [out]) {
    const address = await addressFor(seen, publisher);
    const problem = await withPatience(at, (session) => trySubscription(session, name, address));
    if (problem !== null)
      throw new PlatformError(
        'live-impossible',
        `The server of ${databaseOf(at)} cannot subscribe to ${databaseOf(publisher)}: ${messageOf(problem)}`,
      );
  }
}

async function undo(
  run: FollowRun,
  created: boolean,
  held: { target: Session | null },
  error: unknown,
): Promise<void> {
  if (created) await held.target?.end().catch(() => undefined);
  try {
    await rollBackFollow(run, created);
  } catch (failure) {
    const statements = created
      ? [`DROP DATABASE IF EXISTS ${run.prepared.target.database} WITH (FORCE)`]
      : [...undoOf(run.plan), 'DROP SCHEMA IF EXISTS platform_extract CASCADE'];
    throw new RollbackFailed(
      `${messageOf(error)}\nRolling back failed too: ${messageOf(failure)}`,
      rollBackCommands(run, statements),
      error,
    );
  }
}

async function copyFollowSwitch(
  run: FollowRun,
  work: WorkOptions,
  held: { target: Session | null },
  openTarget: () => Promise<Session>,
): Promise<Followed> {
  const timed = async <T>(name: FollowPhase, made: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    run.phase(name, null);
    const result = await made();
    run.phase(name, performance.now() - start);
    return result;
  };
  const { copiedRows, countedBefore } = await timed('copy', () => copyAndSubscribe(run, work));
  await timed('follow', async () => {
    const target = held.target ?? (await openTarget());
    held.target = await followUntilSwitch({
      ...run,
      name: run.names.out,
      back: run.reverse ? run.names.back : null,
      target,
      openTarget,
      signal: work.signal,
      log: (message) => work.report.log('warning', message),
    });
  });
  const made = await timed('switch', () => switchSides(run, work));
  try {
    const appliedChanges = await endCounting(run, countedBefore);
    const fingerprints = await timed('verify', () => verifyOrDecide(run, made, work));
    await finishOrKeep(run, 'All rows are equal');
    return { pauseMs: made.pauseMs, attempts: made.attempts, copiedRows, appliedChanges, fingerprints };
  } finally {
    await made.pair.close();
  }
}

interface Copied {
  readonly copiedRows: number;
  readonly countedBefore: number | null;
}

async function copyAndSubscribe(run: FollowRun, work: WorkOptions): Promise<Copied> {
  const { sourceUrl, targetUrl, names, plan } = run;
  const tables = plan.tables.map(({ name }) => name);
  await withPatience(sourceUrl, (session) => createPublication(session, names.out, tables));
  const slot = { url: sourceUrl, slot: names.out, timeoutMs: run.timeoutMs };
  const copiedRows = await whileSlotBegins(slot, work, (signal) =>
    copyAtSlot({ ...run, signal, report: work.report }, names.out, 'kept'),
  );
  if (run.reverse) await reserveWayBack(run, work, tables);
  const publisher = await addressFor(run.sourceFromTarget, sourceUrl);
  const countedBefore = await withPatience(targetUrl, (session) => countChanges(session, plan));
  await withPatience(targetUrl, (session) => createSubscription(session, names.out, publisher));
  return { copiedRows, countedBefore };
}

/** Before the switch, because a slot waits for every transaction of its server. */
async function reserveWayBack(
  { targetUrl, names, timeoutMs }: FollowRun,
  work: WorkOptions,
  tables: readonly string[],
): Promise<void> {
  await withPatience(targetUrl, (session) => createPublication(session, names.back, tables));
  await whileSlotBegins({ url: targetUrl, slot: names.back, timeoutMs }, work, async (signal) => {
    const slot = await createSlotWithSnapshot(targetUrl, names.back, signal);
    await slot.close();
  });
}

/** The connection string of the database that `url` reaches, for a server that reaches it at `seen`. */
const addressFor = (seen: string, url: string): Promise<string> =>
  withPatience(url, (session) => Promise.resolve(addressSeenBy(seen, session)));

async function switchSides(run: FollowRun, work: WorkOptions): Promise<Made> {
  await refuseStale(run);
  return switchOver(
    {
      plan: run.plan,
      stream: streamOf(run),
      next: run.reverse ? run.names.back : null,
      fences: { from: fenceOf(run), to: fenceOf(run) },
      service: streamOf(run).to,
      maxPauseMs: run.maxPauseMs,
      timeoutMs: run.timeoutMs,
      fromUrl: run.sourceUrl,
      toUrl: run.targetUrl,
      recordSwitch: (to) => recordSwitch(to, run.names.out),
    },
    NO_CALLERS,
    work,
  );
}

/** No route forwards callers: writers of the source read the fence's message. */
const nothing = (): Promise<void> => Promise.resolve();
const NO_CALLERS = { hold: nothing, release: nothing, route: nothing };

/** Changes of structure are not replicated. */
const refuseStale = (run: FollowRun): Promise<void> =>
  withPatience(run.sourceUrl, async (session) => {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await refuseStalePlan(run, session);
  });

const streamOf = ({ names, sourceUrl, targetUrl, plan }: FollowRun): StreamSpec => ({
  name: names.out,
  from: { server: { kind: 'source' }, database: databaseOf(sourceUrl) },
  to: { server: { kind: 'source' }, database: databaseOf(targetUrl) },
  tables: plan.tables.map(({ name }) => name),
});

function fenceOf({ names, targetUrl, prepared }: FollowRun): FenceSpec {
  const at = new URL(targetUrl);
  const place = `${at.hostname || 'localhost'}:${at.port || '5432'}/${databaseOf(targetUrl)}`;
  return {
    toolId: names.out,
    toolName: names.out,
    takenOverBy: place,
    tables: prepared.fenced,
    refusal: {
      message: `This table has moved to ${place}, and takes no writes here`,
      hint: `Write to ${place}.`,
    },
  };
}

const endCounting = ({ targetUrl, names, plan }: FollowRun, before: number | null): Promise<number | null> =>
  withPatience(targetUrl, async (session) => {
    await endStream(session, names.out);
    const after = await countChanges(session, plan);
    // a server that has crashed begins to count anew
    return before === null || after === null || after < before ? null : after - before;
  });

/** Compares the snapshots. A failure is rolled back only when the target has taken no write since. */
async function verifyOrDecide(
  run: FollowRun,
  { pair }: Made,
  work: WorkOptions,
): Promise<Readonly<Record<string, Fingerprint>>> {
  try {
    const fingerprints = await pair.verify(work);
    await refuseStale(run);
    work.signal.throwIfAborted();
    return fingerprints;
  } catch (error) {
    if (await isUnused(run, pair, work)) throw error;
    await finishOrKeep(run, messageOf(error));
    throw new KeptAfterSwitch(messageOf(error), run, error);
  }
}

/** From here on a failure must not be rolled back: the target may have taken writes. */
async function finishOrKeep(run: FollowRun, found: string): Promise<void> {
  try {
    await removeFence(run.targetUrl, run.names.out);
    await finish(run);
  } catch (error) {
    throw new KeptAfterSwitch(
      `${found}. The streams could not be ended: ${messageOf(error)}. Run the same command with --clean-up in place of --follow`,
      { names: run.names, reverse: false },
      error,
    );
  }
}

/** Closes the target for writes first, so that none is lost between the comparison and a rollback. */
async function isUnused(run: FollowRun, pair: Made['pair'], { report }: WorkOptions): Promise<boolean> {
  const options = { signal: new AbortController().signal, report };
  const fence = fenceOf(run);
  const rolledBack = {
    message: 'The move of this table is rolled back',
    hint: 'Write to the database that held it before.',
  };
  try {
    await patiently(() => raiseFence(run.targetUrl, { ...fence, refusal: rolledBack }, options));
    return await pair.isTargetUnchanged(options);
  } catch (error) {
    report.log('warning', `Whether the target has taken writes cannot be read: ${messageOf(error)}`);
    return false;
  }
}

/** Ends the stream to the target, begins the one back where it is wanted, and forgets how to roll back. */
export async function finish(
  run: Pick<FollowRun, 'sourceUrl' | 'targetUrl' | 'names' | 'reverse' | 'targetFromSource'>,
): Promise<void> {
  await removeStreamOut(run);
  if (run.reverse) {
    const publisher = await addressFor(run.targetFromSource, run.targetUrl);
    await withPatience(run.sourceUrl, (session) => createSubscription(session, run.names.back, publisher));
  }
  await withPatience(run.targetUrl, dropCheckpoint);
}
