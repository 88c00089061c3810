import type { DatabaseRef } from '../api.ts';
import type { LivePort, StreamSpec } from './live-api.ts';
import { administratorUrls, type LivePortOptions } from '../run/administrator-urls.ts';
import { announceShadow, isAnnounced, withdrawSwitch } from '../run/announce-switch.ts';
import { openFence } from '../run/fence.ts';
import { isMissingDatabase, openSession, type Session } from '../run/session.ts';
import { isDrained, untilCaughtUp } from './catch-up.ts';
import { copyAtSlot } from './copy-at-slot.ts';
import { whileSlotBegins } from './slot-wait.ts';
import {
  createPublication,
  createSlot,
  createSubscription,
  dropPublication,
  dropSlot,
  dropSubscription,
  lagOf,
  pauseSubscription,
  subscriptionExists,
  trySubscription,
  workerState,
  writePosition,
} from './stream.ts';
import { switchOver } from './switch-over.ts';
import { createWayBackGuard, dropWayBackGuard, readAdditions } from './way-back-guard.ts';

/** PostgreSQL as a live cut-over uses it. Keeps no connection, except those of a pair of snapshots. */
export function createLivePort(options: LivePortOptions): LivePort {
  const adminUrl = administratorUrls(options);
  const urlOf = (at: DatabaseRef): Promise<string> => adminUrl(at.server, at.database);
  async function on<T>(at: DatabaseRef, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await openSession({ url: await urlOf(at) });
    try {
      return await work(session);
    } finally {
      await session.end();
    }
  }
  /** A database that does not exist has nothing to remove. */
  const onIfThere = <T>(at: DatabaseRef, absent: T, work: (session: Session) => Promise<T>): Promise<T> =>
    on(at, work).catch((error: unknown) => {
      if (isMissingDatabase(error)) return absent;
      throw error;
    });
  async function onFollower(
    { name, from, to }: StreamSpec,
    work: (session: Session, name: string, publisherUrl: string) => Promise<void>,
  ): Promise<void> {
    const url = await urlOf(from);
    const publisherUrl = (await options.addressFor?.(url, to.server)) ?? url;
    await on(to, (session) => work(session, name, publisherUrl));
  }
  return {
    publish: (stream) =>
      on(stream.from, async (session) => {
        // an earlier attempt may have died with a guard, which refuses to drop its publication
        if (stream.columns !== undefined) await dropWayBackGuard(session);
        await createPublication(session, stream);
        if (stream.columns !== undefined) await createWayBackGuard(session, stream.name);
      }),
    unpublish: ({ name, from, columns }) =>
      onIfThere(from, undefined, async (session) => {
        if (columns !== undefined) await dropWayBackGuard(session);
        await dropSlot(session, name);
        await dropPublication(session, name);
      }),
    reserveSlot: async ({ name, from }, work) =>
      whileSlotBegins({ url: await urlOf(from) }, work, () =>
        on(from, (session) => createSlot(session, name)),
      ),
    copyAtSlot: async (plan, { name, from, to }, { signal, report }) =>
      copyAtSlot({ plan, sourceUrl: await urlOf(from), targetUrl: await urlOf(to), signal, report }, name),
    subscribe: (stream) => onFollower(stream, createSubscription),
    trySubscription: (stream) => onFollower(stream, trySubscription),
    unsubscribe: ({ name, to }) => onIfThere(to, undefined, (session) => dropSubscription(session, name)),
    pause: ({ name, to }) => onIfThere(to, undefined, (session) => pauseSubscription(session, name)),
    lagAfter: ({ name, from, to }, ms) =>
      onIfThere(from, null, async (session) => {
        const until = await writePosition(session);
        await isDrained(session, name, until, performance.now() + ms);
        const bytes = await lagOf(session, name, until);
        return bytes === null
          ? null
          : { bytes, errors: (await on(to, (at) => workerState(at, name))).errors };
      }),
    isSubscribed: ({ name, to }) => onIfThere(to, false, (session) => subscriptionExists(session, name)),
    catchUp: (stream, timeoutMs, options) =>
      on(stream.from, (from) =>
        on(stream.to, (to) => untilCaughtUp({ from, to }, stream, performance.now() + timeoutMs, options)),
      ),
    startTool: (service) => on(service, (session) => announceShadow(session, service.database)),
    openService: (fence, service) => on(service, (session) => openFence(session, fence)),
    isSwitched: (service) => onIfThere(service, false, (session) => isAnnounced(session, service.database)),
    withdrawSwitch: (service) =>
      onIfThere(service, undefined, (session) => withdrawSwitch(session, service.database)),
    additions: ({ from }) => onIfThere(from, [], readAdditions),
    async switchOver(spec, hooks, work) {
      const { from, to } = spec.stream;
      const sides = { fromUrl: await urlOf(from), toUrl: await urlOf(to) };
      const { pair, ...made } = await switchOver({ ...spec, ...sides }, hooks, work);
      return { ...made, verify: (options) => pair.verify(options), close: () => pair.close() };
    },
  };
}
