import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import type { Queryable } from '../store/pool.ts';
import type { Reply } from './operation.ts';

export interface IdempotentCall {
  /** Keys are scoped to their caller. */
  readonly subject: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
}

/** Text, because jsonb would reorder the fields of the body. */
interface KeptReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}

/** One day covers the retries of any client. */
const KEY_LIFETIME = '24 hours';

/**
 * Returns the stored answer of an earlier request with this key, or `null` if there is none. The key is inserted
 * in the transaction of the change: a concurrent second request waits for the first, and a failed first request
 * leaves no key.
 *
 * @throws PlatformError `idempotency-conflict` when the key belongs to another request, `bad-request` when the
 * key is not valid.
 */
export async function replay(client: PoolClient, call: IdempotentCall): Promise<Reply | null> {
  if (!/^[\x21-\x7e]{1,255}$/.test(call.key))
    throw new PlatformError('bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
  const request = fingerprint(call);
  await client.query(
    `DELETE FROM idempotency_keys WHERE (subject, key) = ($1, $2) AND created_at < now() - interval '${KEY_LIFETIME}'`,
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
      `Idempotency-Key "${call.key}" was already used for another request. Use a new key for each request.`,
    );
  const { status, headers, text } = earlier.reply;
  const body = text === null ? {} : { body: JSON.parse(text) as unknown };
  return { status, headers: { ...headers, 'Idempotency-Replayed': 'true' }, ...body };
}

/** Stores the answer for {@link replay}; commits with the change. */
export async function storeReply(client: PoolClient, call: IdempotentCall, reply: Reply): Promise<void> {
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

/** Deletes the key of a request whose work failed to start, so that a retry starts it again. */
export async function deleteKey(db: Queryable, { subject, key }: IdempotentCall): Promise<void> {
  await db.query('DELETE FROM idempotency_keys WHERE (subject, key) = ($1, $2)', [subject, key]);
}

/** Deletes keys older than any retry. */
export async function deleteOldKeys(db: Queryable): Promise<void> {
  await db.query(`DELETE FROM idempotency_keys WHERE created_at < now() - interval '${KEY_LIFETIME}'`);
}

function fingerprint(call: IdempotentCall): string {
  const text = JSON.stringify([call.method, call.path, call.ifMatch ?? null, call.body ?? null]);
  return createHash('sha256').update(text).digest('hex');
}
