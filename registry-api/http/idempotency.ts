import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import type { Queryable } from '../store/pool.ts';
import type { Reply } from './operation.ts';

export interface IdempotentCall {
  /** Keys of different callers never meet. */
  readonly subject: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
}

/** The body is kept as text: jsonb would give its fields back in another order. */
interface KeptReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}

/** A day: long enough for any client's retries. */
const KEPT = '24 hours';

/**
 * Gives the answer that an earlier request with this key got, or `null` when there was none. The key is taken in
 * the transaction of the change: a second request that arrives meanwhile waits for the first, and when
 * the first fails it leaves no trace.
 *
 * @throws PlatformError `idempotency-conflict` when the key stands for another request, `bad-request` when it is
 * not usable as a key.
 */
export async function replay(client: PoolClient, call: IdempotentCall): Promise<Reply | null> {
  if (!/^[\x21-\x7e]{1,255}$/.test(call.key))
    throw new PlatformError('bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
  const request = fingerprint(call);
  await client.query(
    `DELETE FROM idempotency_keys WHERE (subject, key) = ($1, $2) AND created_at < now() - interval '${KEPT}'`,
    [call.subject, call.key],
  );
  const taken = await client.query(
    'INSERT INTO idempotency_keys (subject, key, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [call.subject, call.key, request],
  );
  if (taken.rowCount === 1) return null;
  const { rows } = await client.query<{ request: string; reply: KeptReply }>(
    'SELECT request, reply FROM idempotency_keys WHERE (subject, key) = ($1, $2)',
    [call.subject, call.key],
  );
  const earlier = rows[0];
  if (earlier?.request !== request)
    throw new PlatformError(
      'idempotency-conflict',
      `Idempotency-Key "${call.key}" was sent with another request. Use a new key for a new request.`,
    );
  const { status, headers, text } = earlier.reply;
  const body = text === null ? {} : { body: JSON.parse(text) as unknown };
  return { status, headers: { ...headers, 'Idempotency-Replayed': 'true' }, ...body };
}

/** Keeps the answer for {@link replay}; commits with the change. */
export async function remember(client: PoolClient, call: IdempotentCall, reply: Reply): Promise<void> {
  await client.query('UPDATE idempotency_keys SET reply = $3 WHERE (subject, key) = ($1, $2)', [
    call.subject,
    call.key,
    JSON.stringify({
      status: reply.status,
      headers: reply.headers ?? {},
      text: reply.body === undefined ? null : JSON.stringify(reply.body),
    } satisfies KeptReply),
  ]);
}

/** For a request whose work could not be begun after all: its retry is to try it again. */
export async function forgetKey(db: Queryable, { subject, key }: IdempotentCall): Promise<void> {
  await db.query('DELETE FROM idempotency_keys WHERE (subject, key) = ($1, $2)', [subject, key]);
}

/** Forgets keys that no retry will use any more. */
export async function forgetOldKeys(db: Queryable): Promise<void> {
  await db.query(`DELETE FROM idempotency_keys WHERE created_at < now() - interval '${KEPT}'`);
}

function fingerprint(call: IdempotentCall): string {
  const text = JSON.stringify([call.method, call.path, call.ifMatch ?? null, call.body ?? null]);
  return createHash('sha256').update(text).digest('hex');
}
