import { PlatformError } from '../../../contracts/errors.ts';
import type { WorkOptions } from '../../api.ts';
import type { StreamSpec } from '../live-api.ts';
import { undoOf } from '../../run/checkpoint.ts';
import { createTarget, lockTarget, RollbackFailed } from '../../run/extract-tables.ts';
import { messageOf, openSession, type Session } from '../../run/session.ts';
import { databaseOf } from '../../run/target.ts';
import { switchOver, type Made } from '../switch-over.ts';
import { endCounting, finishOrKeep, KeptAfterSwitch, verifyOrDecide } from './after-switch.ts';
import { copyAndSubscribe } from './copy-and-subscribe.ts';
import {
  addressFor,
  fenceOf,
  refuseStale,
  type Followed,
  type FollowPhase,
  type FollowRun,
} from './follow-run.ts';
import { recordSwitch, refuseSwitched } from './ledger.ts';
import { namesFrom } from './names.ts';
import { isConnectionLoss, withPatience } from './patience.ts';
import { trySubscription } from './try-subscription.ts';
import { removeStreams, rollBackCommands, rollBackFollow } from './undo-follow.ts';
import { followUntilSwitch } from './until-switch.ts';

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

const streamOf = ({ names, sourceUrl, targetUrl, plan }: FollowRun): StreamSpec => ({
  name: names.out,
  from: { server: { kind: 'source' }, database: databaseOf(sourceUrl) },
  to: { server: { kind: 'source' }, database: databaseOf(targetUrl) },
  tables: plan.tables.map(({ name }) => name),
});
