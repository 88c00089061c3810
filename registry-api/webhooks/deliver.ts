import type { Pool } from 'pg';
import { isDatabaseAway } from '../../contracts/host/database-errors.ts';
import type { Notifications } from '../notifications.ts';
import { Waker } from '../waker.ts';
import { signedHeaders, type SecretOf } from './signature.ts';
import { claimDeliveries, settleDelivery, type DueDelivery } from './store.ts';

const AT_ONCE = 10;
const TIMEOUT_MS = 10_000;
const LEASE_SECONDS = 30;
const LOOK_MS = 5_000;
/** About a day of retries: after 5 s, 10 s, 20 s, ... up to 3 hours. */
const MOST_ATTEMPTS = 16;
const LONGEST_PAUSE_SECONDS = 3 * 3_600;

export interface DelivererOptions {
  readonly pool: Pool;
  readonly notifications: Notifications;
  readonly secretOf: SecretOf;
  readonly onFault: (error: unknown) => void;
  /** Seconds until the first retry. Default 5. */
  readonly firstPauseSeconds?: number;
}

/**
 * Sends the deliveries in the outbox until stopped. Retries each with exponential backoff until a 2xx answer.
 * Delivers at least once: receivers recognise repeats by `webhook-id`. Several platforms on one database share
 * the work.
 */
export function startDeliverer(options: DelivererOptions): { stop: () => Promise<void> } {
  const waker = new Waker();
  const off = options.notifications.on('webhook_outbox', () => waker.wake());
  const running = run(options, waker);
  return {
    async stop() {
      off();
      waker.close();
      await running;
    },
  };
}

async function run(options: DelivererOptions, waker: Waker): Promise<void> {
  while (waker.isOpen) {
    try {
      const due = await claimDeliveries(options.pool, AT_ONCE, LEASE_SECONDS);
      await Promise.all(due.map((delivery) => deliver(options, delivery)));
      if (due.length === AT_ONCE) continue; // there may be more
    } catch (error) {
      if (!isDatabaseAway(error)) options.onFault(error);
    }
    await waker.next(options.firstPauseSeconds === undefined ? LOOK_MS : options.firstPauseSeconds * 1_000);
  }
}

async function deliver(options: DelivererOptions, delivery: DueDelivery): Promise<void> {
  const problem = await send(options, delivery);
  const retryInSeconds =
    problem === null || delivery.attempts >= MOST_ATTEMPTS ? null : pause(options, delivery.attempts);
  await settleDelivery(options.pool, delivery.id, { problem, retryInSeconds });
}

/** Exponential backoff with 25 % jitter, so that not all deliveries hit a recovered receiver at once. */
function pause({ firstPauseSeconds = 5 }: DelivererOptions, attempts: number): number {
  const seconds = Math.min(firstPauseSeconds * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS);
  return seconds * (1 + Math.random() / 4);
}

/** The problem, or `null`. */
async function send({ secretOf }: DelivererOptions, delivery: DueDelivery): Promise<string | null> {
  const body = JSON.stringify({
    type: delivery.event,
    timestamp: delivery.createdAt.toISOString(),
    data: delivery.payload,
  });
  try {
    const headers = signedHeaders(await secretOf(delivery.webhookId), delivery.id, body, new Date());
    const response = await fetch(delivery.url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', 'User-Agent': 'generator-platform' },
      body,
      redirect: 'manual', // send the signed body to the registered URL only
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? null : `answered with status ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return `${message}${cause instanceof Error ? `: ${cause.message}` : ''}`.slice(0, 500);
  }
}
