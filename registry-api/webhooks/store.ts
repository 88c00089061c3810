import { PlatformError } from '../../contracts/errors.ts';
import type { Queryable } from '../store/pool.ts';

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly createdAt: string;
}

export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly createdAt: string;
  readonly attempts: number;
  readonly deliveredAt: string | null;
  /** `null`: delivered or given up. */
  readonly nextAttemptAt: string | null;
  readonly lastProblem: string | null;
}

const WEBHOOK_COLUMNS = `id, url, events, created_at AS "createdAt"`;

/** Most webhooks of one owner. */
const MAX_WEBHOOKS = 20;

/**
 * Call it in a transaction.
 * @throws PlatformError `webhook-limit` when the owner has {@link MAX_WEBHOOKS}.
 */
export async function insertWebhook(
  db: Queryable,
  webhook: { readonly url: string; readonly events: readonly string[]; readonly actor: string },
): Promise<Webhook> {
  // one at a time, or two requests would both find the last place
  await db.query(`SELECT pg_advisory_xact_lock(hashtextextended('webhooks of ' || $1, 0))`, [webhook.actor]);
  const owned = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM webhooks WHERE actor = $1', [
    webhook.actor,
  ]);
  if ((owned.rows[0]?.n ?? 0) >= MAX_WEBHOOKS)
    throw new PlatformError(
      'webhook-limit',
      `"${webhook.actor}" has ${MAX_WEBHOOKS} webhooks already. Remove one first: DELETE /api/webhooks/:id`,
    );
  const { rows } = await db.query<Webhook>(
    `INSERT INTO webhooks (url, events, actor) VALUES ($1, $2, $3) RETURNING ${WEBHOOK_COLUMNS}`,
    [webhook.url, webhook.events, webhook.actor],
  );
  return rows[0] as Webhook;
}

export async function listWebhooks(db: Queryable): Promise<readonly Webhook[]> {
  const { rows } = await db.query<Webhook>(`SELECT ${WEBHOOK_COLUMNS} FROM webhooks ORDER BY created_at, id`);
  return rows;
}

/** Deletes a webhook and its pending deliveries. `false`: it does not exist. */
export async function deleteWebhook(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM webhooks WHERE id = $1', [id]);
  return rowCount === 1;
}

/** The newest 100, newest first; `null`: the webhook does not exist. */
export async function listDeliveries(db: Queryable, webhookId: string): Promise<readonly Delivery[] | null> {
  const webhook = await db.query('SELECT FROM webhooks WHERE id = $1', [webhookId]);
  if (webhook.rowCount === 0) return null;
  const { rows } = await db.query<Delivery>(
    `SELECT id::text, event, created_at AS "createdAt", attempts, delivered_at AS "deliveredAt",
            next_attempt_at AS "nextAttemptAt", last_problem AS "lastProblem"
       FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY webhook_deliveries.id DESC LIMIT 100`,
    [webhookId],
  );
  return rows;
}

export interface DueDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly url: string;
  readonly event: string;
  readonly payload: unknown;
  readonly createdAt: Date;
  readonly attempts: number;
}

export interface Claim {
  readonly limit: number;
  readonly leaseSeconds: number;
  /** Ids of webhooks that have a delivery in flight and get no other one. */
  readonly busy: readonly string[];
}

/** Leases the oldest due delivery of each webhook, up to `limit`; after a crash, the lease expires. */
export async function claimDeliveries(
  db: Queryable,
  { limit, leaseSeconds, busy }: Claim,
): Promise<readonly DueDelivery[]> {
  const { rows } = await db.query<DueDelivery>(
    `UPDATE webhook_deliveries d SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       FROM webhooks w
      WHERE w.id = d.webhook_id AND d.id IN (
              SELECT id FROM webhook_deliveries
               WHERE next_attempt_at <= now() AND id IN (
                       SELECT DISTINCT ON (webhook_id) id FROM webhook_deliveries
                        WHERE next_attempt_at <= now() AND webhook_id <> ALL ($3::uuid[])
                        ORDER BY webhook_id, next_attempt_at, id)
               ORDER BY next_attempt_at, id LIMIT $1 FOR UPDATE SKIP LOCKED)
      RETURNING d.id::text, w.id AS "webhookId", w.url, d.event, d.payload, d.created_at AS "createdAt", d.attempts`,
    [limit, leaseSeconds, busy],
  );
  return rows;
}

/** Records the result of an attempt. `retryInSeconds` `null` after a failure: given up. */
export async function settleDelivery(
  db: Queryable,
  id: string,
  outcome: { readonly problem: string | null; readonly retryInSeconds: number | null },
): Promise<void> {
  await db.query(
    `UPDATE webhook_deliveries SET last_problem = $2,
            delivered_at = CASE WHEN $2::text IS NULL THEN now() END,
            next_attempt_at = now() + make_interval(secs => $3::double precision)
      WHERE id = $1`,
    [id, outcome.problem, outcome.retryInSeconds],
  );
}

/** Deletes deliveries that ended a month ago. */
export async function deleteOldDeliveries(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM webhook_deliveries WHERE next_attempt_at IS NULL AND created_at < now() - interval '30 days'`,
  );
}
