import type { Pool } from 'pg';
import { isDatabaseAway } from '../../contracts/host/database-errors.ts';
import type { Notifications } from '../notifications.ts';
import { Waker } from '../waker.ts';
import type { Post } from './post.ts';
import { signedHeaders, type SecretOf } from './signature.ts';
import { claimDeliveries, settleDelivery, type DueDelivery } from './store.ts';

/** Most deliveries in flight, one for each webhook. */
const MAX_IN_FLIGHT = 200;
const TIMEOUT_MS = 10_000;
const LEASE_SECONDS = 30;
const POLL_MS = 5_000;
/** About a day of retries: after 5 s, 10 s, 20 s, ... up to 3 hours. */
const MAX_ATTEMPTS = 16;
const LONGEST_PAUSE_SECONDS = 3 * 3_600;

export interface DelivererOptions {
  readonly pool: Pool;
  readonly notifications: Notifications;
  readonly secretOf: SecretOf;
  readonly post: Post;
  readonly onFault: (error: unknown) => void;
  /** Seconds until the first retry. Default 5. */
  readonly firstPauseSeconds?: number;
}

/**
 * Sends the deliveries in the outbox until stopped. Retries each with exponential backoff until a 2xx answer.
 * Delivers at least once: receivers recognise repeats by `webhook-id`. A webhook has one delivery in flight at a time,
 * so a receiver that is slow delays its own deliveries only. Several platforms on one database share the work.
 */
export function startDeliverer(options: DelivererOptions): { stop: () => Promise<void> } {
  const waker = new Waker();
  const stopped = new AbortController();
  const off = options.notifications.on('webhook_outbox', () => waker.wake());
  const running = run(options, waker, stopped.signal);
  return {
    async stop() {
      off();
      stopped.abort();
      waker.close();
      await running;
    },
  };
}

async function run(options: DelivererOptions, waker: Waker, stopped: AbortSignal): Promise<void> {
  const inFlight = new Map<string, Promise<void>>();
  const begin = (delivery: DueDelivery): void => {
    const { webhookId } = delivery;
    const done = deliver(options, delivery, stopped)
      .catch((error: unknown) => {
        if (!isDatabaseAway(error)) options.onFault(error); // repeated after its lease
      })
      .finally(() => {
        inFlight.delete(webhookId);
        waker.wake(); // the webhook may have more
      });
    inFlight.set(webhookId, done);
  };
  while (waker.isOpen) {
    try {
      const due = await claimDeliveries(options.pool, {
        limit: MAX_IN_FLIGHT - inFlight.size,
        leaseSeconds: LEASE_SECONDS,
        busy: [...inFlight.keys()],
      });
      due.forEach(begin);
    } catch (error) {
      if (!isDatabaseAway(error)) options.onFault(error);
    }
    await waker.next(options.firstPauseSeconds === undefined ? POLL_MS : options.firstPauseSeconds * 1_000);
  }
  await Promise.all(inFlight.values());
}

async function deliver(
  options: DelivererOptions,
  delivery: DueDelivery,
  stopped: AbortSignal,
): Promise<void> {
  const problem = await send(options, delivery, stopped);
  if (stopped.aborted && problem !== null) return; // repeated after its lease, by any platform
  const retryInSeconds =
    problem === null || delivery.attempts >= MAX_ATTEMPTS ? null : pause(options, delivery.attempts);
  await settleDelivery(options.pool, delivery.id, { problem, retryInSeconds });
}

/** Exponential backoff with 25 % jitter, so that not all deliveries hit a recovered receiver at once. */
function pause({ firstPauseSeconds = 5 }: DelivererOptions, attempts: number): number {
  const seconds = Math.min(firstPauseSeconds * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS);
  return seconds * (1 + Math.random() / 4);
}

/** The problem, or `null`. */
async function send(
  { secretOf, post }: DelivererOptions,
  delivery: DueDelivery,
  stopped: AbortSignal,
): Promise<string | null> {
  const body = JSON.stringify({
    type: delivery.event,
    timestamp: delivery.createdAt.toISOString(),
    data: delivery.payload,
  });
  try {
    const headers = signedHeaders(await secretOf(delivery.webhookId), delivery.id, body, new Date());
    const status = await post({
      url: delivery.url,
      headers: { ...headers, 'Content-Type': 'application/json', 'User-Agent': 'generator-platform' },
      body,
      signal: AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return status >= 200 && status < 300 ? null : `answered with status ${status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return `${message}${cause instanceof Error ? `: ${cause.message}` : ''}`.slice(0, 500);
  }
}
